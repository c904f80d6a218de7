//! A nameserver on a loopback port.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;

/// The writer record.
pub const RECORD: &str = "writer.db.todo.internal";
/// The Seoul cluster's host name.
pub const SEOUL_HOST: &str = "todo-seoul.cluster-abc.ap-northeast-2.rds.example";
/// The Osaka cluster's host name.
pub const OSAKA_HOST: &str = "todo-osaka.cluster-abc.ap-northeast-3.rds.example";

type Zone = Arc<Mutex<HashMap<String, (RData, u32)>>>;

/// Answers from a table that the test changes.
pub struct Dns {
    /// Where it listens.
    pub address: SocketAddr,
    zone: Zone,
    task: tokio::task::JoinHandle<()>,
}

impl Dns {
    /// A nameserver that knows the two clusters.
    pub async fn start(seoul: Ipv4Addr, osaka: Ipv4Addr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let zone = Zone::default();
        let task = tokio::spawn(serve(socket, Arc::clone(&zone)));
        let dns = Self { address, zone, task };
        dns.set(SEOUL_HOST, RData::A(A(seoul)), 5);
        dns.set(OSAKA_HOST, RData::A(A(osaka)), 5);
        dns
    }

    /// Points the writer record at a host.
    pub fn point_record_at(&self, host: &str, ttl_seconds: u32) {
        let alias = RData::CNAME(CNAME(Name::from_str(&format!("{host}.")).unwrap()));
        self.set(RECORD, alias, ttl_seconds);
    }

    fn set(&self, name: &str, data: RData, ttl: u32) {
        self.zone.lock().unwrap().insert(format!("{name}."), (data, ttl));
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(socket: UdpSocket, zone: Zone) {
    let mut buffer = [0; 1500];
    while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
        let Some(answer) = buffer.get(..length).and_then(|query| answer(query, &zone)) else {
            continue;
        };
        let _ = socket.send_to(&answer, peer).await;
    }
}

fn answer(query: &[u8], zone: &Zone) -> Option<Vec<u8>> {
    let query = Message::from_vec(query).ok()?;
    let mut answer = Message::response(query.metadata.id, query.metadata.op_code);
    let question = query.queries.first()?.clone();
    answer.add_query(question.clone());
    answer.metadata.authoritative = true;
    answer.metadata.response_code = ResponseCode::NXDomain;
    let zone = zone.lock().unwrap();
    let mut name = question.name().clone();
    while let Some((data, ttl)) = zone.get(&name.to_utf8().to_lowercase()) {
        answer.metadata.response_code = ResponseCode::NoError;
        let alias = match data {
            RData::CNAME(alias) => Some(alias.0.clone()),
            _ if question.query_type() != RecordType::A => break,
            _ => None,
        };
        answer.add_answer(Record::from_rdata(name, *ttl, data.clone()));
        match alias {
            Some(alias) => name = alias,
            None => break,
        }
    }
    answer.to_vec().ok()
}
