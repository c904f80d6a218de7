//! The emulator writes Python's `True` and `False` into Route 53's answers, where AWS has XML's `true` and `false` and
//! the SDK takes nothing else.

use aws_sdk_route53::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeDeserializationInterceptorContextMut,
    },
    error::BoxError,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;

/// Turns them into what AWS writes; of the same length, so that nothing else changes.
#[derive(Debug)]
pub(crate) struct Booleans;

impl Intercept for Booleans {
    fn name(&self) -> &'static str {
        "booleans"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = std::mem::replace(context.response_mut().body_mut(), SdkBody::taken());
        let corrected = body.map_frame(|frame| frame.map_data(|data| corrected(&data)));
        *context.response_mut().body_mut() = SdkBody::from_body_1_x(corrected);
        Ok(())
    }
}

fn corrected(data: &Bytes) -> Bytes {
    const WORDS: [(&[u8], &[u8]); 2] = [(b">True<", b">true<"), (b">False<", b">false<")];
    let mut bytes = data.to_vec();
    for (wrong, right) in WORDS {
        let found = bytes.windows(wrong.len()).enumerate().filter(|(_, window)| *window == wrong);
        let places: Vec<usize> = found.map(|(place, _)| place).collect();
        for place in places {
            if let Some(word) = bytes.get_mut(place..place + right.len()) {
                word.copy_from_slice(right);
            }
        }
    }
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_elements_are_corrected() {
        let answer = Bytes::from_static(b"<A>True</A><B>False</B><C>True love</C>");
        assert_eq!(corrected(&answer), "<A>true</A><B>false</B><C>True love</C>");
    }
}
