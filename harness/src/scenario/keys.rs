//! The keys of scenario files, each with the sentence that editors show.

/// A key of the format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormatKey {
    pub(crate) word: &'static str,
    /// What it says, in a sentence.
    pub(crate) about: &'static str,
}

const fn key(word: &'static str, about: &'static str) -> FormatKey {
    FormatKey { word, about }
}

/// The words of a table.
pub(crate) const fn words_of<const N: usize>(keys: &[FormatKey; N]) -> [&'static str; N] {
    let mut words = [""; N];
    let mut at = 0;
    while at < N {
        words[at] = keys[at].word;
        at += 1;
    }
    words
}

/// Keys of a scenario file and of a variant.
pub(crate) const CASE: [FormatKey; 20] = [
    key("title", "What happens, in half a sentence."),
    key(
        "why",
        "Why it matters: what a client that gets this wrong makes possible.",
    ),
    key(
        "official",
        "The official suite's scenario that this case is the counterpart of; a list if there are \
         several.",
    ),
    key(
        "official_differs",
        "What the official scenario decides otherwise, and why this one does not.",
    ),
    key(
        "from",
        "The first revision of MCP in which this world makes sense.",
    ),
    key(
        "until",
        "The last revision of MCP in which this world makes sense.",
    ),
    key(
        "needs",
        "What client or machine must be able to do; most needs follow from world and steps and are \
         not written.",
    ),
    key(
        "goal",
        "What an honest world leads to. Default: `call-accepted` at every server connected to, or \
         `tool-called` where the case is about tool calls.",
    ),
    key(
        "watch",
        "Requirements whose monitors must have spoken in this case.",
    ),
    key(
        "world",
        "The parties and their honest settings. `as` and `mcp` always exist; say only what is \
         special.",
    ),
    key(
        "deviation",
        "The misbehaviours by name; without them it is the control run.",
    ),
    key(
        "step",
        "The timeline: start the client (again), or change the world honestly after an event.",
    ),
    key("expect", "What must hold, by requirement: one check each."),
    key(
        "variety",
        "What the variants of this file are variants of, in the plural: `legal challenges`.",
    ),
    key(
        "grammar",
        "The grammar whose legal spellings are variants of this file.",
    ),
    key(
        "differs",
        "What this variant of a variety differs in, in a few words.",
    ),
    key(
        "mark",
        "What a client may make of this variant. Default: `legal`.",
    ),
    key(
        "source",
        "The section that allows this variant, or the deployment that it comes from.",
    ),
    key(
        "rare",
        "This variant is run only with `--variety all`; one that is `tolerated` always is.",
    ),
    key(
        "profile",
        "Its servers are shaped like deployments that people meet; what is known of these.",
    ),
];

/// Keys of a profile.
pub(crate) const PROFILE: [FormatKey; 5] = [
    key(
        "shaped_like",
        "Deployments whose servers have this shape. Absent: any.",
    ),
    key("as_of", "The month in which the facts were gathered."),
    key(
        "mark",
        "What a client may make of these servers. Default: `legal`.",
    ),
    key("facts", "What is known of these deployments."),
    key(
        "out_of_reach",
        "The fault of such deployments that a right client refuses; the profile is without it.",
    ),
];

/// Keys of a fact of a profile.
pub(crate) const PROFILE_FACT: [FormatKey; 3] = [
    key("says", "The fact, in a sentence."),
    key("source", "Where it is documented or reported."),
    key("mark", "What the texts say of it. Default: `legal`."),
];

/// The key of a scenario file that a variant does not have.
pub(crate) const VARIANT: FormatKey = key(
    "variant",
    "Overlays on the rest of the file, one case each; with variants the base alone is no case.",
);

/// The key that says what a party is.
pub(crate) const IS: FormatKey = key("is", "What the party is.");

/// Keys of every deviation.
pub(crate) const DEVIATION: [FormatKey; 5] = [
    key(
        "at",
        "Which answer deviates: `party.answer`, `party.answer.place`, a list of these, or `party` \
         alone to change its settings.",
    ),
    key("where", "Only answers to requests with these fields."),
    key("after", "Only once this event has happened."),
    key("times", "Only so many times."),
    key(
        "trap",
        "A conforming client never meets it, so it need not have been delivered.",
    ),
];

/// Keys that change an answer.
pub(crate) const PATCH: [FormatKey; 9] = [
    key(
        "set",
        "Members that get another value (or, with `at` a party alone, settings).",
    ),
    key("remove", "Members that are left out."),
    key(
        "append",
        "One more: a member that no honest answer has, or a second parameter of the same name.",
    ),
    key("raw", "Like `set`, the value not encoded."),
    key(
        "forge",
        "Like `set`, the value a JWT with these claims whose signature does not verify.",
    ),
    key("body", "Another body, byte by byte."),
    key(
        "status",
        "An answer of its own: the honest handling does not happen, the body starts empty, `set` \
         fills it.",
    ),
    key("headers", "Headers by name; a list makes several lines."),
    key(
        "transport",
        "The honest handling happens, its answer is lost.",
    ),
];

/// The key that names a behaviour.
pub(crate) const DO: FormatKey = key("do", "A misbehaviour that no patch can express.");

/// Parameters of behaviours, apart from the keys that patches have too.
pub(crate) const PARAMETERS: [FormatKey; 5] = [
    key(
        "to",
        "`relay-browser`: the authorization server that the browser is sent on to, parameters \
         kept.",
    ),
    key(
        "resource",
        "`relay-browser`: the `resource` sent on instead.",
    ),
    key(
        "moment",
        "`extra-callback`: before the real authorization response, after it, or instead of it.",
    ),
    key(
        "method",
        "`extra-callback`: the HTTP method with which the response arrives. Default: GET.",
    ),
    key(
        "between",
        "`cross-responses`: the authorization servers whose pending responses change places.",
    ),
];

/// The key that every step can have.
pub(crate) const AFTER: FormatKey = key(
    "after",
    "The event that it waits for; a start without one waits for the end of the start before.",
);

/// Keys of a step that starts the client.
pub(crate) const START: [FormatKey; 8] = [
    key("connect", "Start the client towards these MCP servers."),
    key(
        "flow",
        "The kind of flow that the client is asked to drive.",
    ),
    key(
        "url",
        "An odd spelling of the URL that the client is given.",
    ),
    key("call", "Tools to call. Default: the client's own habit."),
    key("at_once", "Servers or calls at the same time."),
    key(
        "twice",
        "Two processes of the client at the same time, with one home folder.",
    ),
    key(
        "umask",
        "The umask of the client's process: three octal digits.",
    ),
    key("verbose", "The client is asked to log all it can."),
];

/// Keys of a step that changes the world.
pub(crate) const CHANGE: [FormatKey; 3] = [
    key(
        "set",
        "Settings that change: `{ \"mcp.session\" = false }`.",
    ),
    key(
        "expire",
        "Secrets that the server declares expired from now on.",
    ),
    key(
        "revoke",
        "Secrets that the server declares revoked from now on.",
    ),
];

/// Keys of an expectation that demand something.
pub(crate) const FORMS: [FormatKey; 6] = [
    key("never", "No such event."),
    key(
        "eventually",
        "Such an event, each of them if there are several.",
    ),
    key("at_most", "No more than `count` such events."),
    key("in_order", "These events, in this order."),
    key("every", "Each such event has these fields too."),
    key(
        "any_of",
        "One of these outcomes is enough; say why with `because`.",
    ),
];

/// Keys of an expectation that say more about its demands.
pub(crate) const EXPECT: [FormatKey; 5] = [
    key("also", "More requirements that get this verdict."),
    key(
        "after",
        "Only what comes later counts, and without it nothing was exercised.",
    ),
    key(
        "level",
        "Another severity than the requirement's, in this case.",
    ),
    key(
        "because",
        "Why another level, or why several outcomes pass.",
    ),
    key(
        "position",
        "The number of a position of ours (`fixtures/positions.toml`).",
    ),
];

/// The ways to say what a field must be. A plain value means "equals".
pub(crate) const MATCHERS: [FormatKey; 13] = [
    key("not", "Any value but this one."),
    key("one_of", "One of these values."),
    key("present", "Whether the field is there and not empty."),
    key("sent", "Whether the field is there at all, be it empty."),
    key("includes", "A set with these members, and maybe more."),
    key("same_set", "A set with just these members."),
    key(
        "contains",
        "A text that contains this one, in any encoding.",
    ),
    key("starts_with", "A text that starts with this one."),
    key("fresh", "No earlier event of this kind had the same value."),
    key(
        "unshared",
        "No event of this kind in an earlier start of the client, or in another case of the run, \
         had the same value. Only monitors have it, in `has`.",
    ),
    key(
        "looks_random",
        "Nothing in it comes twice, and it neither begins nor ends as an earlier, different value \
         did.",
    ),
    key("length", "Shortest and longest length in characters."),
    key("charset", "A text made of these characters only."),
];
