//! What an error of the driver means, in core's words. None of its own text is handed on.

use std::error::Error as _;
use std::io::{self, ErrorKind};

use responder_core::probe::trouble::Trouble;
use rustls::CertificateError;
use tokio_postgres::Error;
use tokio_postgres::error::Severity;

/// What the failed connection or statement was made with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    pub(crate) host: &'a str,
    pub(crate) database: &'a str,
    pub(crate) with_token: bool,
}

/// What a failure of a connection that is being made means.
pub(crate) fn of_connecting(error: &Error, circumstances: Circumstances<'_>) -> Trouble {
    if error.as_db_error().is_some() {
        return of_statement(error, circumstances);
    }
    let cause = error.source();
    if let Some(io) = cause.and_then(|cause| cause.downcast_ref::<io::Error>()) {
        let tls = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        return tls.map_or_else(|| of_io(io), |error| of_tls(error, circumstances.host));
    }
    // The driver has no kinds that could be asked for; these are its own words, and a test holds them.
    match cause.map(ToString::to_string).as_deref() {
        Some("server does not support TLS") => Trouble::NoTls,
        _ if error.is_closed() => Trouble::Closed,
        _ => Trouble::Foreign,
    }
}

/// What a failure of a statement means.
pub(crate) fn of_statement(error: &Error, circumstances: Circumstances<'_>) -> Trouble {
    let Some(said) = error.as_db_error() else { return Trouble::Closed };
    let Circumstances { database, with_token, .. } = circumstances;
    // A code is five letters and digits; a stranger may send anything.
    let code: String = said.code().code().chars().filter(char::is_ascii_alphanumeric).take(5).collect();
    Trouble::of_state(&code, said.message(), with_token, database)
}

/// Whether the connection is of no use after this.
pub(crate) fn is_fatal(error: &Error) -> bool {
    let fatal = [Severity::Fatal, Severity::Panic];
    error.as_db_error().is_none_or(|said| said.parsed_severity().is_some_and(|it| fatal.contains(&it)))
}

fn of_io(error: &io::Error) -> Trouble {
    match error.kind() {
        ErrorKind::ConnectionRefused => Trouble::Refused,
        ErrorKind::TimedOut => Trouble::Unreachable,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            Trouble::NoRoute
        }
        ErrorKind::InvalidData | ErrorKind::InvalidInput => Trouble::Foreign,
        _ => Trouble::Closed,
    }
}

fn of_tls(error: &rustls::Error, host: &str) -> Trouble {
    let rustls::Error::InvalidCertificate(why) = error else { return Trouble::Handshake };
    match why {
        CertificateError::UnknownIssuer => Trouble::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Trouble::WrongName(host.to_owned())
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Trouble::Expired,
        _ => Trouble::BadCertificate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_of_a_connection_has_its_own_words() {
        for (kind, expected) in [
            (ErrorKind::ConnectionRefused, Trouble::Refused),
            (ErrorKind::TimedOut, Trouble::Unreachable),
            (ErrorKind::HostUnreachable, Trouble::NoRoute),
            (ErrorKind::NetworkUnreachable, Trouble::NoRoute),
            (ErrorKind::NetworkDown, Trouble::NoRoute),
            (ErrorKind::InvalidData, Trouble::Foreign),
            (ErrorKind::InvalidInput, Trouble::Foreign),
            (ErrorKind::ConnectionReset, Trouble::Closed),
        ] {
            assert_eq!(of_io(&kind.into()), expected, "{kind}");
        }
    }

    #[test]
    fn a_certificate_that_is_refused_says_why() {
        let refused = |why| of_tls(&rustls::Error::InvalidCertificate(why), "todo");
        assert_eq!(refused(CertificateError::UnknownIssuer), Trouble::UnknownIssuer);
        assert_eq!(refused(CertificateError::NotValidForName), Trouble::WrongName("todo".to_owned()));
        for dated in [CertificateError::Expired, CertificateError::NotValidYet] {
            assert_eq!(refused(dated), Trouble::Expired);
        }
        assert_eq!(refused(CertificateError::Revoked), Trouble::BadCertificate);
        assert_eq!(of_tls(&rustls::Error::DecryptError, "todo"), Trouble::Handshake);
    }
}
