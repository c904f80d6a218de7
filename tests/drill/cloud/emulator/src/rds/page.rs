//! Paging of the describe operations: `MaxRecords` and `Marker`.

use crate::rds::{form::Form, refusal::Refusal};

/// RDS takes 20 to 100 and gives 100 unless told.
const LIMITS: std::ops::RangeInclusive<usize> = 20..=100;

/// One page of the items and the marker of the next.
pub(crate) fn page<T>(items: Vec<T>, form: &Form) -> Result<(Vec<T>, Option<String>), Refusal> {
    let size = number(form, "MaxRecords")?.unwrap_or(*LIMITS.end());
    if !LIMITS.contains(&size) {
        return Err(Refusal::value("MaxRecords must be between 20 and 100."));
    }
    let start = number(form, "Marker")?.unwrap_or(0);
    let end = start.saturating_add(size);
    let marker = (items.len() > end).then(|| end.to_string());
    Ok((items.into_iter().skip(start).take(size).collect(), marker))
}

fn number(form: &Form, name: &str) -> Result<Option<usize>, Refusal> {
    form.get(name)
        .map(|text| text.parse().map_err(|_| Refusal::value(format!("Invalid {name}: {text}"))))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap() {
        let items: Vec<u32> = (0..45).collect();
        let mut marker = String::new();
        let mut read = Vec::new();
        loop {
            let form = Form::parse(format!("MaxRecords=20&Marker={marker}").as_bytes());
            let (part, next) = page(items.clone(), &form).unwrap();
            read.extend(part);
            let Some(next) = next else { break };
            marker = next;
        }
        assert_eq!(read, items);
    }

    #[test]
    fn a_page_size_out_of_range_is_refused() {
        let form = Form::parse(b"MaxRecords=5");
        assert_eq!(page(vec![1], &form).unwrap_err().code, "InvalidParameterValue");
    }
}
