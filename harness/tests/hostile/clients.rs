//! The behaviours of the hostile client.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal, kill, raise};
use nix::unistd::{getppid, setsid};
use serde_json::Value;
use url::Url;

/// The depth of nested folders; their path is longer than the system allows.
const LEVELS: usize = 3000;
/// The target of symbolic links out of the home folder. The test checks that it still exists.
pub const OUTSIDE: &str = "HOSTILE_OUTSIDE";

pub fn be(behaviour: &str, mark: &str, url: &str) {
    let url = Url::parse(url).unwrap();
    match behaviour {
        "linger" => linger(),
        "detaches" => {
            leave_behind(mark, Stdio::null);
            leave_behind(mark, Stdio::inherit);
        }
        "detaches-and-hangs" => {
            leave_behind(mark, Stdio::null);
            linger();
        }
        "ignores-sigterm" => linger(),
        "spins" => loop {
            std::hint::spin_loop();
        },
        "prints-a-gigabyte" => {
            let chunk = vec![b'x'; 1 << 20];
            (0..1024).for_each(|_| std::io::stdout().write_all(&chunk).unwrap());
        }
        "opens-ten-thousand-connections" => {
            let held: Vec<_> = (0..10_000)
                .filter_map(|_| {
                    TcpStream::connect_timeout(&address(&url), Duration::from_millis(1)).ok()
                })
                .collect();
            park(held);
        }
        "sends-half-a-request" => park(send(&url, b"POST /mcp HTTP/1.1\r\nHost: local")),
        "sends-half-a-body" => {
            let head = format!(
                "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Length: 1000\r\n\r\n{{",
                authority(&url)
            );
            park(send(&url, head.as_bytes()));
        }
        "closes-early" => {
            for _ in 0..20 {
                drop(send(&url, request("POST", &url, "{}").as_bytes()));
            }
            // the last one is read to its end, so that all have arrived
            let _ = ask("GET", &url, "");
        }
        "sends-huge-bodies" => {
            (0..3).for_each(|_| flood(&url, "Content-Length: 104857600\r\n\r\n"))
        }
        "sends-huge-headers" => (0..3).for_each(|_| flood(&url, "X-Huge: ")),
        "sends-garbage" => {
            let mut stream = send(&url, &[0xff, 0, b'\n', 0x16, 3, 1, 2, 0]);
            let _ = stream.read_to_end(&mut Vec::new());
        }
        "sends-many-large-requests" => {
            let body = "x".repeat(200 * 1024);
            loop {
                let _ = ask("POST", &url, &body);
            }
        }
        "registers-for-ever" => {
            let endpoint = registration_endpoint(&url);
            loop {
                let _ = ask(
                    "POST",
                    &endpoint,
                    r#"{"redirect_uris":["http://127.0.0.1:1/callback"],"client_name":"many"}"#,
                );
            }
        }
        "opens-many-windows" => {
            let browser = std::env::var_os("BROWSER").unwrap();
            for number in 0..300 {
                assert!(
                    Command::new(&browser)
                        .arg(format!("http://127.0.0.1:1/{number}"))
                        .status()
                        .unwrap()
                        .success()
                );
            }
        }
        "dies-by-signal" => {
            let _ = raise(Signal::SIGKILL);
        }
        "kills-its-guard" => {
            let mut child = child(mark).spawn().unwrap();
            let _ = kill(getppid(), Signal::SIGKILL);
            let _ = child.wait();
        }
        "deletes-its-home" => {
            let home = PathBuf::from(std::env::var_os("HOME").unwrap());
            let _ = fs::remove_dir_all(home.parent().unwrap());
        }
        "fills-its-home" => fill(),
        other => panic!("no behaviour {other}"),
    }
}

/// Ignores signals that can be ignored, and waits forever.
fn linger() {
    let mut polite = SigSet::empty();
    polite.add(Signal::SIGTERM);
    polite.add(Signal::SIGINT);
    polite.add(Signal::SIGHUP);
    polite.thread_block().unwrap();
    let _ = setsid();
    park(());
}

fn park<T>(_held: T) {
    loop {
        std::thread::park();
    }
}

/// Starts a process that is not a child of this one, in a new session, with an empty environment,
/// and with the given output.
fn leave_behind(mark: &str, output: fn() -> Stdio) {
    let child = child(mark);
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", r#""$0" "$@" & "#])
        .arg(child.get_program())
        .args(child.get_args())
        .env_clear();
    assert!(
        shell
            .stdin(Stdio::null())
            .stdout(output())
            .stderr(output())
            .status()
            .unwrap()
            .success()
    );
}

fn child(mark: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["client", "linger", mark, "http://localhost/"]);
    child
}

fn address(url: &Url) -> SocketAddr {
    let host = url.host_str().unwrap();
    let mut all = (host, url.port().unwrap()).to_socket_addrs().unwrap();
    all.next().unwrap()
}

fn authority(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

fn send(url: &Url, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address(url)).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

fn request(method: &str, url: &Url, body: &str) -> String {
    let length = body.len();
    let host = authority(url);
    format!(
        "{method} {} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
        url.path()
    )
}

fn ask(method: &str, url: &Url, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address(url))?;
    stream.write_all(request(method, url, body).as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .unwrap_or_default())
}

/// Sends this head and then a hundred megabytes, or as many as the server accepts.
fn flood(url: &Url, head: &str) {
    let mut stream = send(
        url,
        format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\n{head}",
            url.path(),
            authority(url)
        )
        .as_bytes(),
    );
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        if stream.write_all(&chunk).is_err() {
            return;
        }
    }
}

fn registration_endpoint(url: &Url) -> Url {
    let json = |address: &str| {
        serde_json::from_str::<Value>(&ask("GET", &Url::parse(address).unwrap(), "").unwrap())
            .unwrap()
    };
    let origin = url.origin().ascii_serialization();
    let resource = json(&format!(
        "{origin}/.well-known/oauth-protected-resource{}",
        url.path()
    ));
    let server = resource["authorization_servers"][0]
        .as_str()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let metadata = json(&format!("{server}/.well-known/oauth-authorization-server"));
    Url::parse(metadata["registration_endpoint"].as_str().unwrap()).unwrap()
}

/// Creates nested folders, links out of the home folder, unreadable folders and large files.
fn fill() {
    for place in ["HOME", "TMPDIR"] {
        let place = PathBuf::from(std::env::var_os(place).unwrap());
        symlink(std::env::var_os(OUTSIDE).unwrap(), place.join("out")).unwrap();
        symlink("/", place.join("root")).unwrap();
        symlink(&place, place.join("loop")).unwrap();
        nix::unistd::mkfifo(&place.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        fs::File::create(place.join("large"))
            .unwrap()
            .set_len(2 << 30)
            .unwrap();
        fs::create_dir_all(place.join("closed/inner")).unwrap();
        fs::set_permissions(place.join("closed"), fs::Permissions::from_mode(0o000)).unwrap();
        for number in 0..3000 {
            fs::write(place.join(format!("file-{number}")), vec![b'x'; 4096]).unwrap();
        }
        std::env::set_current_dir(&place).unwrap();
        for _ in 0..LEVELS {
            fs::create_dir("down").unwrap();
            std::env::set_current_dir("down").unwrap();
        }
    }
}
