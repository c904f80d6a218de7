//! Who may ask what of the control room: a page of another origin in the operator's browser may not, and a name that somebody
//! leads to this machine is not this machine's.

use super::denied::Denied;

/// The header in which a page shows that it was served here.
pub(crate) const TOKEN: &str = "x-stage-token";

/// What a request says of where it comes from.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asker<'a> {
    pub(crate) host: Option<&'a str>,
    pub(crate) origin: Option<&'a str>,
    /// `Sec-Fetch-Site`, which no page can set.
    pub(crate) site: Option<&'a str>,
    pub(crate) token: Option<&'a str>,
}

/// The control room's own address and token.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub(crate) port: u16,
    pub(crate) token: String,
}

impl Guard {
    /// Whoever asks has to mean this machine by its own name.
    pub(crate) fn may_look(&self, asker: Asker<'_>) -> Result<(), Denied> {
        if asker.host.is_some_and(|host| self.is_own(host)) {
            return Ok(());
        }
        let sentence = format!("The control room answers as 127.0.0.1:{} or localhost alone.", self.port);
        Err(Denied::new(421, sentence))
    }

    /// Whoever changes something has to be the page that was served here, or to know its token.
    pub(crate) fn may_change(&self, asker: Asker<'_>) -> Result<(), Denied> {
        self.may_look(asker)?;
        let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|host| self.is_own(host));
        let foreign = asker.origin.is_some_and(|origin| !own(origin))
            || asker.site.is_some_and(|site| site != "same-origin");
        if foreign {
            return Err(Denied::new(403, "Another page may not change the stage."));
        }
        if asker.token != Some(self.token.as_str()) {
            let sentence = format!("The header {TOKEN} has to be this page's own; load the page again.");
            return Err(Denied::new(403, sentence));
        }
        Ok(())
    }

    fn is_own(&self, host: &str) -> bool {
        let own = ["127.0.0.1", "localhost"];
        host.rsplit_once(':').is_some_and(|(name, port)| own.contains(&name) && port == self.port.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard { port: 4_000, token: "secret".to_owned() }
    }

    const OWN: Asker<'_> = Asker {
        host: Some("127.0.0.1:4000"),
        origin: Some("http://127.0.0.1:4000"),
        site: Some("same-origin"),
        token: Some("secret"),
    };

    fn status(result: Result<(), Denied>) -> u16 {
        result.err().map_or(200, |denied| denied.status)
    }

    #[test]
    fn the_page_and_a_script_that_knows_the_token_may_change_the_stage() {
        assert_eq!(status(guard().may_change(OWN)), 200);
        let script = Asker { origin: None, site: None, ..OWN };
        assert_eq!(status(guard().may_change(script)), 200);
        let by_name = Asker { host: Some("localhost:4000"), origin: Some("http://localhost:4000"), ..OWN };
        assert_eq!(status(guard().may_change(by_name)), 200);
    }

    #[test]
    fn another_origin_may_not() {
        for origin in ["https://example.com", "http://127.0.0.1:4001", "https://127.0.0.1:4000", "null", ""] {
            assert_eq!(status(guard().may_change(Asker { origin: Some(origin), ..OWN })), 403, "{origin}");
        }
        for site in ["cross-site", "same-site", "none"] {
            assert_eq!(status(guard().may_change(Asker { site: Some(site), ..OWN })), 403, "{site}");
        }
        for token in [None, Some(""), Some("other")] {
            assert_eq!(status(guard().may_change(Asker { token, ..OWN })), 403, "{token:?}");
        }
    }

    #[test]
    fn a_name_that_leads_here_is_not_this_machines() {
        for host in [
            None,
            Some("evil.example:4000"),
            Some("127.0.0.1:80"),
            Some("127.0.0.1"),
            Some("localhost.evil:4000"),
        ] {
            assert_eq!(status(guard().may_look(Asker { host, ..OWN })), 421, "{host:?}");
            assert_eq!(status(guard().may_change(Asker { host, ..OWN })), 421, "{host:?}");
        }
        assert_eq!(status(guard().may_look(Asker { host: OWN.host, ..Asker::default() })), 200);
    }
}
