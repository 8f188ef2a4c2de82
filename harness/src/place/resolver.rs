//! The resolver of a private network. It knows the names of the world that runs.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{RData, Record, RecordType};
use tokio::net::UdpSocket;

use super::place_error::PlaceError;
use crate::world::{AddressFamily, NamedNetwork, Resolution};

/// Where the resolver is asked: the port of DNS.
const PORT: u16 = 53;
/// The largest question that is read, in bytes.
const MAX_QUESTION: usize = 1500;
/// How long an answer may be remembered, in seconds: the next world has other addresses.
const TTL: u32 = 0;

/// Opens the resolver's socket and answers questions in a task of its own.
pub(super) async fn start_resolver(network: Arc<NamedNetwork>) -> Result<(), PlaceError> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, PORT)).await;
    let socket = socket.map_err(PlaceError::Socket)?;
    tokio::spawn(async move {
        let mut buffer = [0; MAX_QUESTION];
        loop {
            let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
                continue;
            };
            let question = Message::from_vec(&buffer[..length]);
            let answer = question.map(|question| answer(&question, &network).to_vec());
            if let Ok(Ok(answer)) = answer {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    });
    Ok(())
}

/// A party has one address: questions for the other family get an empty answer.
fn answer(question: &Message, network: &NamedNetwork) -> Message {
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.metadata.recursion_desired = question.metadata.recursion_desired;
    answer.metadata.recursion_available = true;
    for query in &question.queries {
        answer.add_query(query.clone());
        let family = match query.query_type() {
            RecordType::AAAA => AddressFamily::Ipv6,
            _ => AddressFamily::Ipv4,
        };
        let data = match network.resolve(&query.name().to_ascii(), family) {
            Resolution::Address(IpAddr::V4(address)) => RData::A(address.into()),
            Resolution::Address(IpAddr::V6(address)) => RData::AAAA(address.into()),
            Resolution::OtherFamily => continue,
            Resolution::UnknownName => {
                answer.metadata.response_code = ResponseCode::NXDomain;
                continue;
            }
        };
        if matches!(query.query_type(), RecordType::A | RecordType::AAAA) {
            answer.add_answer(Record::from_rdata(query.name().clone(), TTL, data));
        }
    }
    answer
}
