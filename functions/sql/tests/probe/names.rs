//! A nameserver on a loopback port, whose names a test changes.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME};
use hickory_proto::rr::{Name, RData, Record};

type Zone = Arc<Mutex<HashMap<String, RData>>>;

/// The nameserver; it ends with the process.
pub(crate) struct Names {
    pub(crate) address: SocketAddr,
    zone: Zone,
}

impl Names {
    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let (address, zone) = (socket.local_addr().unwrap(), Zone::default());
        let known = Arc::clone(&zone);
        thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
                let _ = socket.send_to(&answer(&buffer[..length], &known), peer);
            }
        });
        Self { address, zone }
    }

    pub(crate) fn host(&self, name: &str, address: [u8; 4]) {
        self.set(name, RData::A(A(Ipv4Addr::from(address))));
    }

    pub(crate) fn alias(&self, name: &str, host: &str) {
        self.set(name, RData::CNAME(CNAME(Name::from_ascii(format!("{host}.")).unwrap())));
    }

    pub(crate) fn forget(&self, name: &str) {
        self.zone.lock().unwrap().remove(&format!("{name}."));
    }

    fn set(&self, name: &str, data: RData) {
        self.zone.lock().unwrap().insert(format!("{name}."), data);
    }
}

fn answer(query: &[u8], zone: &Zone) -> Vec<u8> {
    let query = Message::from_vec(query).unwrap();
    let mut answer = Message::response(query.metadata.id, query.metadata.op_code);
    let question = query.queries[0].clone();
    let mut name = question.name().clone();
    answer.add_query(question);
    answer.metadata.response_code = ResponseCode::NXDomain;
    let zone = zone.lock().unwrap();
    while let Some(data) = zone.get(&name.to_utf8().to_lowercase()) {
        answer.metadata.response_code = ResponseCode::NoError;
        answer.add_answer(Record::from_rdata(name.clone(), 5, data.clone()));
        let RData::CNAME(alias) = data else { break };
        name = alias.0.clone();
    }
    answer.to_vec().unwrap()
}
