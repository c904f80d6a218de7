//! Servers that do what a real one does only when it is in trouble.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// Listens and does this with each connection, one after the other.
pub(crate) fn listen(serve: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    address
}

/// Reads one message of a client that begins; what is in it.
pub(crate) fn startup(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut rest = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
    stream.read_exact(&mut rest).unwrap();
    rest
}

/// Refuses whoever begins with this code and text.
pub(crate) fn refusing(code: &'static str, text: &'static str) -> SocketAddr {
    listen(move |mut stream| {
        startup(&mut stream);
        stream.write_all(&error(code, text)).unwrap();
    })
}

/// Asks for the password in the clear, as RDS does for a token; then refuses it.
pub(crate) fn asking(
    code: &'static str,
    text: &'static str,
    seen: std::sync::mpsc::Sender<String>,
) -> SocketAddr {
    listen(move |mut stream| {
        startup(&mut stream);
        stream.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]).unwrap();
        let mut kind = [0];
        stream.read_exact(&mut kind).unwrap();
        let password = startup(&mut stream);
        seen.send(String::from_utf8_lossy(&password).trim_end_matches('\0').to_owned()).unwrap();
        // As a server would that should never do so: it says the password back.
        let text = format!("{text} {}", String::from_utf8_lossy(&password).trim_end_matches('\0'));
        stream.write_all(&error(code, &text)).unwrap();
    })
}

/// Accepts and says nothing, for as long as anybody waits.
pub(crate) fn silent() -> SocketAddr {
    listen(|stream| {
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(30));
            drop(stream);
        });
    })
}

/// Drops the SYN of whoever comes: its queue is full. Hold what it returns.
pub(crate) fn dropping() -> (SocketAddr, Socket, Vec<TcpStream>) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let patience = Duration::from_millis(300);
    let filling = std::iter::from_fn(|| TcpStream::connect_timeout(&address, patience).ok());
    let queue: Vec<TcpStream> = filling.take(16).collect();
    (address, socket, queue)
}

fn error(code: &str, text: &str) -> Vec<u8> {
    let fields = [('S', "FATAL"), ('V', "FATAL"), ('C', code), ('M', text)];
    let fields = fields.map(|(name, value)| format!("{name}{value}\0"));
    let body = [fields.concat().as_bytes(), b"\0"].concat();
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [b"E".as_slice(), &length, &body].concat()
}
