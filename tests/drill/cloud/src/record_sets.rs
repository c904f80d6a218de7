//! Reads all record sets of a zone of the emulated Route 53, page by page.

use aws_sdk_route53::types::ResourceRecordSet;

use crate::error::CloudError;

/// All record sets of a zone.
pub(crate) async fn record_sets(
    route53: &aws_sdk_route53::Client,
    zone: &str,
) -> Result<Vec<ResourceRecordSet>, CloudError> {
    let mut sets = Vec::new();
    let (mut name, mut kind) = (None, None);
    loop {
        let page = route53
            .list_resource_record_sets()
            .hosted_zone_id(zone)
            .set_start_record_name(name)
            .set_start_record_type(kind)
            .send()
            .await
            .map_err(CloudError::aws("ListResourceRecordSets"))?;
        sets.extend_from_slice(page.resource_record_sets());
        name = page.next_record_name().map(str::to_owned);
        kind = page.next_record_type().cloned();
        if !page.is_truncated() || name.is_none() {
            return Ok(sets);
        }
    }
}
