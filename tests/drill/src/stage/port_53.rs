//! The drill's DNS on port 53, for a program whose resolver asks no other port.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

/// The nameserver's address.
pub(crate) const NAMESERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 53);
/// The largest answer over UDP.
const LARGEST: usize = 4_096;
/// How long an answer is waited for; whoever asked asks again.
const PATIENCE: Duration = Duration::from_secs(2);

/// The running relay; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Port53 {
    _carrying: AbortOnDropHandle<()>,
}

impl Port53 {
    /// Carries what is asked there to the nameserver at `to`. Root alone may listen there.
    pub(crate) async fn open(to: SocketAddr) -> std::io::Result<Self> {
        let near = UdpSocket::bind((NAMESERVER, 53)).await?;
        Ok(Self { _carrying: AbortOnDropHandle::new(tokio::spawn(carry(Arc::new(near), to))) })
    }
}

async fn carry(near: Arc<UdpSocket>, to: SocketAddr) {
    let mut question = [0; LARGEST];
    loop {
        let Ok((length, who)) = near.recv_from(&mut question).await else { continue };
        let (near, question) = (Arc::clone(&near), question.get(..length).unwrap_or_default().to_vec());
        tokio::spawn(async move {
            if let Ok(Ok(answer)) = timeout(PATIENCE, ask(to, &question)).await {
                // Whoever has gone asks no more.
                let _ = near.send_to(&answer, who).await;
            }
        });
    }
}

async fn ask(to: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let far = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    far.send_to(question, to).await?;
    let mut answer = vec![0; LARGEST];
    let length = far.recv(&mut answer).await?;
    answer.truncate(length);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_question_comes_back_answered() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let near = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (to, at) = (server.local_addr().unwrap(), near.local_addr().unwrap());
        let _carrying = AbortOnDropHandle::new(tokio::spawn(carry(Arc::new(near), to)));
        let asking = tokio::spawn(async move { ask(at, b"where?").await.unwrap() });
        let mut question = [0; 16];
        let (length, who) = server.recv_from(&mut question).await.unwrap();
        assert_eq!(&question[..length], b"where?");
        server.send_to(b"there", who).await.unwrap();
        assert_eq!(asking.await.unwrap(), b"there");
    }
}
