//! The keys of a client file.

/// The longest time-out that can be set, in seconds. No client needs an hour for one flow.
pub(super) const MAX_TIMEOUT: i64 = 3600;
/// The highest number of clients at the same time that can be set.
pub(super) const MAX_JOBS: i64 = 1024;

/// The keys of a client file with their descriptions, in the order in which they are best written.
pub(super) const KEYS: [(&str, &str); 25] = [
    ("name", "The name of the client in reports."),
    (
        "command",
        "Program and arguments; no shell is involved. A program with a slash in its name is looked \
         for beside this file. Without {url} in command, setup or env, the URL is the last \
         argument.",
    ),
    (
        "with_credentials",
        "Arguments that are added when the client is to use a client ID that was registered \
         beforehand: {client_id}, {client_secret}.",
    ),
    (
        "setup",
        "Commands that run in the client's home before it is first started with a URL, once for \
         each URL.",
    ),
    (
        "files",
        "Files to write before the client is first started with a URL: path, such as \
         \"{home}/.agent/config.json\", and content.",
    ),
    (
        "login",
        "Commands with which a user signs in, on the terminal if `pty` is set: before the first \
         start with a URL, before later ones as long as no request was accepted, and once more \
         when the client has ended although the server demands it. Their exit status is no error: \
         a sign-in that is refused is the right answer to some servers.",
    ),
    (
        "teardown",
        "Commands that run in the client's home after its last start.",
    ),
    (
        "cwd",
        "Where the client starts: a folder relative to this file, `inherit` (where the suite was \
         started), or `sandbox` (an empty folder).",
    ),
    ("env", "Environment variables to set."),
    (
        "pass_env",
        "The user's environment variables to pass on; `*` matches any characters.",
    ),
    (
        "adapter",
        "How the suite and the client communicate: by the official suite's contract, by one \
         process for all scenarios (ci/clients/PERSISTENT.md), by nothing but the URL, or by tool \
         calls on the client's standard input and output, or, with an agent, by a scripted model \
         that asks for the tool calls ({model_url}, {model_key}).",
    ),
    (
        "pty",
        "Whether the client gets a terminal. With `stdin = \"closed\"` only the `login` commands \
         get it.",
    ),
    (
        "stdin",
        "What the client finds on its standard input: `open` (the default) or `closed`.",
    ),
    (
        "answers",
        "What is typed when the client shows a text: {\"Continue? [Y/n]\" = \"y\"}.",
    ),
    (
        "links",
        "What happens with sign-in links that the client prints: `ignore` (the default) or `open`.",
    ),
    (
        "probe",
        "Whether the adapter is tried before the run, with the name of a scenario that does not \
         exist.",
    ),
    (
        "named",
        "Whether the client is told the official name of each scenario instead of only the kind of \
         flow.",
    ),
    ("timeout", "How many seconds one start may take."),
    (
        "jobs",
        "How many processes of the client may run at the same time.",
    ),
    (
        "spec",
        "The revisions that the client speaks. The newest is run; `--spec all` runs each.",
    ),
    (
        "registration",
        "How the client gets a client ID. It lacks the methods that are not listed.",
    ),
    (
        "kind",
        "Where the client runs: on the user's machine with a browser, without a browser, or on a \
         server.",
    ),
    ("refresh", "Whether the client uses refresh tokens."),
    (
        "has",
        "Capabilities that the client has. Others are inferred from what it shows in the run.",
    ),
    (
        "lacks",
        "Capabilities that the client does not have. Scenarios that need them are not applicable.",
    ),
];
