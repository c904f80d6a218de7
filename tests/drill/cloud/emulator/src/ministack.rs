//! The AWS emulator `ministack` as a child process on a free loopback port.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, ChildStdin, Command},
    time::sleep,
};

use crate::{error::EmulatorError, rds::model::ACCOUNT};

const READY_TIMEOUT: Duration = Duration::from_secs(30);
const STOP_TIMEOUT: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(20);
const LOG: &str = "ministack.log";
const LOG_TAIL_BYTES: u64 = 2_000;

/// A dead man's switch. The shell holds the read end of a pipe whose write end only we hold, so
/// however we end, killed or not, it kills its process group: the emulator and every function that
/// the emulator runs. A parent-death signal in the functions themselves cannot do that: ministack
/// starts them from short-lived threads, whose end would kill a warm function between two invocations.
const DEAD_MANS_SWITCH: &str = r#""$@" & read -r _; rm -rf -- "$TMPDIR"; kill -KILL 0"#;

/// A running emulator; dropping it ends it, its functions and its files.
#[derive(Debug)]
pub struct Ministack {
    address: SocketAddr,
    switch: Option<ChildStdin>,
    shell: Child,
    directory: TempDir,
}

impl Ministack {
    /// Starts the given program and waits until it is ready. Every function that it runs is sent to `functions_go_to`,
    /// whatever its own environment says; without that, a function finds only the AWS that its environment names.
    pub async fn start(program: &Path, functions_go_to: Option<&str>) -> Result<Self, EmulatorError> {
        if !program.is_file() {
            return Err(EmulatorError::NoEmulator { program: program.to_owned() });
        }
        let directory = tempfile::Builder::new()
            .prefix("drill-ministack-")
            .tempdir()
            .map_err(EmulatorError::io("make the emulator's directory"))?;
        let port = free_port().map_err(EmulatorError::io("find a free port"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut command = command(program, directory.path(), port)?;
        // Set for the emulator, it overrides the functions' own; so it stays unset where they name the front themselves.
        command.envs(functions_go_to.map(|url| ("AWS_ENDPOINT_URL", url)));
        let mut shell = command.spawn().map_err(EmulatorError::io("start the AWS emulator"))?;
        let started = Self { address, switch: shell.stdin.take(), shell, directory };
        started.wait_until_ready().await?;
        Ok(started)
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    async fn wait_until_ready(&self) -> Result<(), EmulatorError> {
        let started = Instant::now();
        while started.elapsed() < READY_TIMEOUT {
            if is_ready(self.address).await.unwrap_or(false) {
                return Ok(());
            }
            sleep(POLL).await;
        }
        Err(EmulatorError::EmulatorNotReady {
            waited: READY_TIMEOUT,
            log: tail(&self.directory.path().join(LOG)).unwrap_or_default(),
        })
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        drop(self.switch.take());
        // The shell goes last of its group and needs a few milliseconds: waiting for it here keeps the
        // emulator from writing into the directory that is removed next.
        let started = Instant::now();
        while matches!(self.shell.try_wait(), Ok(None)) && started.elapsed() < STOP_TIMEOUT {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The environment is emptied: no proxy and no credentials of the machine reach the emulator, and
/// so none reach a function, which inherits all of the emulator's environment.
fn command(program: &Path, directory: &Path, port: u16) -> Result<Command, EmulatorError> {
    let log = File::create(directory.join(LOG)).map_err(EmulatorError::io("create the log"))?;
    let errors = log.try_clone().map_err(EmulatorError::io("share the emulator's log"))?;
    let mut command = Command::new("sh");
    command
        .args(["-c", DEAD_MANS_SWITCH, "dead-mans-switch"])
        .args(["setpriv", "--pdeathsig", "KILL", "--"])
        .arg(program)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", directory)
        .env("TMPDIR", directory)
        .env("S3_DATA_DIR", directory.join("s3"))
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
        .env("LOG_LEVEL", "WARNING")
        .stdin(Stdio::piped())
        .stdout(log)
        .stderr(errors)
        .process_group(0);
    Ok(command)
}

fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// One plain request: an HTTP client that pools connections would only be in the way of a server
/// that is still starting.
async fn is_ready(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(b"GET /_ministack/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    Ok(answer.starts_with(b"HTTP/1.1 200"))
}

fn tail(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
