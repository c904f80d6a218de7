//! The network between Osaka and Seoul's database, which can be cut: packets are lost, and nobody is told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::error::DrillError;

/// Where Osaka finds Seoul's database. Seoul and the witness find it at its own address.
pub(crate) const SEOUL_SEEN_FROM_OSAKA: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 12, 1));

/// The running network; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Network {
    cut: watch::Sender<bool>,
    _carrying: AbortOnDropHandle<()>,
}

impl Network {
    /// Carries connections to Seoul's database at that address.
    pub(crate) async fn start(database: SocketAddr) -> Result<Self, DrillError> {
        let at = SocketAddr::new(SEOUL_SEEN_FROM_OSAKA, database.port());
        let listener = TcpListener::bind(at).await;
        let listener = listener.map_err(DrillError::io(format!("listen on {at}")))?;
        let (cut, is_cut) = watch::channel(false);
        let carrying = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, database, is_cut.clone()));
            }
        });
        Ok(Self { cut, _carrying: AbortOnDropHandle::new(carrying) })
    }

    /// Cuts it, or mends it.
    pub(crate) fn set_cut(&self, cut: bool) {
        self.cut.send_replace(cut);
    }
}

/// Carries one connection until it ends or the network is cut; then it stays open and silent until that is over.
async fn carry(mut near: TcpStream, database: SocketAddr, mut is_cut: watch::Receiver<bool>) {
    let carried = async {
        if let Ok(mut far) = TcpStream::connect(database).await {
            // Whichever side ended it: both are closed now.
            let _ = copy_bidirectional(&mut near, &mut far).await;
        }
    };
    let mut cut = is_cut.clone();
    tokio::select! {
        biased;
        _ = cut.wait_for(|cut| *cut) => {}
        () = carried => return,
    }
    // The streams live until here.
    let _ = is_cut.wait_for(|cut| !*cut).await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_cut_connection_is_silent_and_not_closed() {
        let echo = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let to = echo.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = echo.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        let network = Network::start(to).await.unwrap();
        let at = SocketAddr::new(SEOUL_SEEN_FROM_OSAKA, to.port());
        let mut client = TcpStream::connect(at).await.unwrap();
        let mut byte = [0];
        client.write_all(b"a").await.unwrap();
        client.read_exact(&mut byte).await.unwrap();
        network.set_cut(true);
        client.write_all(b"b").await.unwrap();
        let patience = Duration::from_millis(200);
        assert!(timeout(patience, client.read(&mut byte)).await.is_err(), "neither an answer nor an end");
        let mut new = TcpStream::connect(at).await.unwrap();
        new.write_all(b"c").await.unwrap();
        assert!(timeout(patience, new.read(&mut byte)).await.is_err());
        network.set_cut(false);
        let mut mended = TcpStream::connect(at).await.unwrap();
        mended.write_all(b"d").await.unwrap();
        mended.read_exact(&mut byte).await.unwrap();
        assert_eq!(&byte, b"d");
    }
}
