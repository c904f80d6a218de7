//! Answers DNS questions from the zones of the moment.

use std::sync::Arc;

use async_trait::async_trait;
use hickory_proto::{
    op::{Header, HeaderCounts, Metadata, OpCode, ResponseCode},
    rr::Record,
};
use hickory_server::{
    net::runtime::Time,
    server::{Request, RequestHandler, ResponseHandler, ResponseInfo},
    zone_handler::MessageResponseBuilder,
};
use tokio::sync::watch;

use crate::dns::zones::{Answer, Zones};

/// Reads the zones anew for each question.
pub(super) struct Handler {
    pub(super) zones: watch::Receiver<Arc<Zones>>,
}

#[async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut responder: R,
    ) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        // Resolvers believe an answer's chased aliases only of a server that says it recurses.
        metadata.recursion_available = true;
        let answer = self.answer(request);
        match &answer {
            Err(code) => metadata.response_code = *code,
            Ok(answer) if !answer.exists => metadata.response_code = ResponseCode::NXDomain,
            Ok(_) => {}
        }
        let (records, soa): (&[Record], _) = match &answer {
            Ok(answer) => (&answer.records, answer.soa.as_ref()),
            Err(_) => (&[], None),
        };
        let builder = MessageResponseBuilder::from_message_request(request);
        let response = builder.build(metadata, records, [], soa, []);
        responder.send_response(response).await.unwrap_or_else(|error| {
            tracing::debug!(%error, "a DNS answer could not be sent");
            metadata.response_code = ResponseCode::ServFail;
            ResponseInfo::from(Header { metadata, counts: HeaderCounts::default() })
        })
    }
}

impl Handler {
    fn answer(&self, request: &Request) -> Result<Answer, ResponseCode> {
        if request.metadata.op_code != OpCode::Query {
            return Err(ResponseCode::NotImp);
        }
        let info = request.request_info().map_err(|_| ResponseCode::FormErr)?;
        let zones = Arc::clone(&self.zones.borrow());
        Ok(zones.answer(info.query.name(), info.query.query_type()))
    }
}
