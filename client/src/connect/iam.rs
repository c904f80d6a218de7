//! IAM tokens instead of a password, signed for the writer's own Region.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_rds::auth_token::{AuthTokenGenerator, Config};
use aws_types::SdkConfig;
use aws_types::region::Region;
use tokio::time::Instant;

use super::login::{Secret, Secrets};
use crate::source::writer_source::{BoxFuture, SourceError};
use crate::writer::Writer;

/// A token opens new connections for a quarter of an hour; it is renewed well before.
const RENEWED_AFTER: Duration = Duration::from_mins(10);

/// Signs tokens with the credentials of an `SdkConfig`. Nobody is asked for a token; the credentials may have to be fetched.
///
/// A token is signed for the writer's own name and Region. After a move that is another Region than the application's, which
/// the name of a record or of a global endpoint hides; the parameter and the record's CNAME show it.
pub struct IamTokens {
    config: SdkConfig,
    last: Mutex<Option<Signed>>,
}

struct Signed {
    place: (String, String, u16, String),
    token: Secret,
    at: Instant,
}

impl fmt::Debug for IamTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("IamTokens").finish_non_exhaustive()
    }
}

impl IamTokens {
    /// Tokens that are signed with the credentials of `config`; its Region does not count.
    pub fn new(config: SdkConfig) -> Self {
        Self { config, last: Mutex::default() }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Option<Signed>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn token(&self, writer: &Writer, port: u16, user: &str) -> Result<Secret, SourceError> {
        let host = writer.own_name();
        let no_region = || SourceError::new(format!("nobody says which Region {host} is in"));
        let region = writer.region().ok_or_else(no_region)?;
        let place = (host.to_owned(), region.to_owned(), port, user.to_owned());
        if let Some(signed) = self.last().as_ref().filter(|it| it.serves(&place)) {
            return Ok(signed.token.clone());
        }
        let config = Config::builder().hostname(host).port(port.into()).username(user);
        let config = config.region(Region::new(region.to_owned())).build().map_err(SourceError::new)?;
        let token = AuthTokenGenerator::new(config).auth_token(&self.config).await;
        let token = Secret::new(token.map_err(SourceError::new)?.as_str());
        tracing::debug!(host, region, "an IAM token was signed");
        *self.last() = Some(Signed { place, token: token.clone(), at: Instant::now() });
        Ok(token)
    }
}

impl Signed {
    fn serves(&self, place: &(String, String, u16, String)) -> bool {
        self.place == *place && self.at.elapsed() < RENEWED_AFTER
    }
}

impl Secrets for IamTokens {
    fn secret<'a>(
        &'a self,
        writer: &'a Writer,
        port: u16,
        user: &'a str,
    ) -> BoxFuture<'a, Result<Secret, SourceError>> {
        Box::pin(self.token(writer, port, user))
    }

    fn refused(&self) {
        *self.last() = None;
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::config::{Credentials, SharedCredentialsProvider};

    use super::*;

    fn tokens() -> IamTokens {
        let credentials = Credentials::new("AKID", "secret", Some("session".to_owned()), None, "a test");
        let config = SdkConfig::builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .time_source(aws_types::sdk_config::SharedTimeSource::default());
        IamTokens::new(config.build())
    }

    fn osaka() -> Writer {
        Writer::named("todo.cluster-abc.ap-northeast-3.rds.amazonaws.com").unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_for_the_writers_region_and_is_renewed_in_time() {
        let tokens = tokens();
        let first = tokens.secret(&osaka(), 5432, "app").await.unwrap();
        let text = first.expose();
        assert!(text.starts_with("todo.cluster-abc.ap-northeast-3.rds.amazonaws.com:5432/?"), "{text}");
        assert!(text.contains("ap-northeast-3%2Frds-db%2Faws4_request"), "{text}");
        assert!(text.contains("Action=connect") && text.contains("X-Amz-Security-Token=session"), "{text}");
        assert!(text.contains("DBUser=app") && text.contains("X-Amz-Expires=900"), "{text}");
        // The signature's time is the wall clock's, which does not stand still: by now another one would differ.
        std::thread::sleep(Duration::from_millis(1_100));
        assert_eq!(tokens.secret(&osaka(), 5432, "app").await.unwrap(), first);
        tokio::time::advance(RENEWED_AFTER).await;
        let second = tokens.secret(&osaka(), 5432, "app").await.unwrap();
        assert_ne!(second, first);
        tokens.refused();
        std::thread::sleep(Duration::from_millis(1_100));
        assert_ne!(tokens.secret(&osaka(), 5432, "app").await.unwrap(), second);
    }

    #[tokio::test]
    async fn another_writer_or_user_has_another_token_and_an_unknown_region_none() {
        let tokens = tokens();
        let seoul = Writer::named("todo.cluster-abc.ap-northeast-2.rds.amazonaws.com").unwrap();
        let mut record = Writer::named("writer.db.todo.internal").unwrap();
        let refusal = tokens.secret(&record, 5432, "app").await.unwrap_err();
        assert_eq!(refusal.to_string(), "nobody says which Region writer.db.todo.internal is in");
        let nobody = IamTokens::new(SdkConfig::builder().build());
        assert!(nobody.secret(&seoul, 5432, "app").await.is_err(), "without credentials there is none");
        record.canonical = Some(seoul.host.clone());
        let token = tokens.secret(&record, 5432, "app").await.unwrap();
        assert!(token.expose().contains("ap-northeast-2%2Frds-db"));
        assert!(token.expose().starts_with(&seoul.host));
        assert_ne!(tokens.secret(&seoul, 5432, "other").await.unwrap(), token);
    }
}
