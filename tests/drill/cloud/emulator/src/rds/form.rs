//! Requests of the query protocol: a form with numbered lists.

use std::collections::BTreeMap;

/// The parameters of one request.
#[derive(Debug, Default)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a request's body.
    pub fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// A parameter that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|it| !it.is_empty())
    }

    /// Whether a switch is on.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// What is to be tagged, by key (`Tags.Tag.N.Key`, `Tags.Tag.N.Value`).
    pub fn tags(&self) -> BTreeMap<String, String> {
        let tag = |(name, key): (&String, &String)| {
            let value = self.0.get(&format!("{}.Value", name.strip_suffix(".Key")?)).cloned();
            name.starts_with("Tags.Tag.").then(|| (key.clone(), value.unwrap_or_default()))
        };
        self.0.iter().filter_map(tag).collect()
    }

    /// The values of the named filter (`Filters.Filter.N.Name`, `Filters.Filter.N.Values.Value.M`);
    /// `None` when the request has no such filter.
    pub fn filter(&self, name: &str) -> Option<Vec<&str>> {
        let prefix = self.0.iter().find_map(|(key, value)| {
            let prefix = key.strip_suffix(".Name")?;
            (prefix.starts_with("Filters.Filter.") && value == name).then_some(prefix)
        })?;
        let values = format!("{prefix}.Values.Value.");
        let found = self.0.iter().filter(|(key, _)| key.starts_with(&values));
        Some(found.map(|(_, value)| value.as_str()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_found_among_others() {
        let form = Form::parse(
            b"Action=X&Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.1=e\
              &Filters.Filter.2.Name=db-cluster-id&Filters.Filter.2.Values.Value.1=a&Filters.Filter.2.Values.Value.2=b%3Ac",
        );
        assert_eq!(form.filter("db-cluster-id"), Some(vec!["a", "b:c"]));
        assert_eq!(form.filter("dbi-resource-id"), None);
        assert_eq!(form.get("Action"), Some("X"));
    }
}
