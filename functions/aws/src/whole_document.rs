//! Refuses an XML answer that breaks off.
//!
//! The SDK's XML reader takes a document that ends too early for one with fewer elements: a global cluster
//! without its members, a zone without its records. What is missing in an answer must never become a fact.
//! HTTP's own framing notices a connection that breaks; this notices everything in between as well.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// The interceptor for the services that answer in XML.
#[derive(Debug)]
pub(crate) struct WholeDocument;

/// An answer that is not a whole XML document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not a whole XML document")]
struct NotWhole;

#[dyn_dispatch_hint]
impl Intercept for WholeDocument {
    fn name(&self) -> &'static str {
        "WholeDocument"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let body = response.body().bytes().unwrap_or_default();
        if response.status().is_success() && !is_whole(body) {
            return Err(NotWhole.into());
        }
        Ok(())
    }
}

/// Whether the root element is closed, and closed at the end.
fn is_whole(document: &[u8]) -> bool {
    let document = String::from_utf8_lossy(document);
    let mut rest = document.trim();
    // The declaration and comments come before the root.
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let Some((_, after)) = rest.split_once('>') else {
            return false;
        };
        rest = after.trim_start();
    }
    let Some(inside) = rest.strip_prefix('<') else {
        return false;
    };
    let end = |c: char| c.is_whitespace() || c == '>' || c == '/';
    let name = inside.split(end).next().unwrap_or_default();
    let alone = inside.split_once('>').is_some_and(|(root, after)| root.ends_with('/') && after.is_empty());
    !name.is_empty() && (alone || rest.ends_with(&format!("</{name}>")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_whole_when_its_root_is_closed_at_its_end() {
        for whole in [
            "<A><B/></A>",
            "<?xml version=\"1.0\"?>\n<A xmlns=\"x\">\n<B></B>\n</A>\n",
            "<!-- c --><A/>",
            "<A b=\"c\" />",
        ] {
            assert!(is_whole(whole.as_bytes()), "{whole}");
        }
        for cut in
            ["", "text", "<", "<A", "<A>", "<A><B/>", "<A><B/></A", "<?xml", "<?xml?>", "<A/><B>", "<A></A>x"]
        {
            assert!(!is_whole(cut.as_bytes()), "{cut}");
        }
    }
}
