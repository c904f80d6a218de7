//! Logging in by IAM: for each new connection a token is signed here, for the Region that the writer's host name says.

use aws_config::SdkConfig;
use aws_sdk_rds::auth_token::{AuthTokenGenerator, Config as TokenConfig};
use deadpool_postgres::Connect;
use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Config, Host};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Error, Socket};

/// Signs tokens with the credentials that the environment has, which renew themselves: on EKS those of Pod Identity. Where
/// there are none a connection fails as one without a password does, and the log says why.
#[derive(Debug, Clone)]
pub(crate) struct Tokens(pub(crate) SdkConfig);

impl Tokens {
    /// What to log in with, as the user and to the host of this configuration; `None` where nothing can be signed.
    pub(crate) async fn token(&self, login: &Config) -> Option<String> {
        let (user, port) = (login.get_user()?, *login.get_ports().first()?);
        let host = login.get_hosts().first().map(|host| match host {
            Host::Tcp(name) => name.as_str(),
            Host::Unix(_) => "",
        })?;
        let Some(region) = region_of(host) else {
            tracing::error!(host, "no token: the host's name does not say its Region, as RDS's own names do");
            return None;
        };
        let config = TokenConfig::builder().hostname(host).port(port.into()).username(user);
        let config = config.region(aws_config::Region::new(region.to_owned())).build();
        let token = match config.map(AuthTokenGenerator::new) {
            Ok(generator) => generator.auth_token(&self.0).await,
            Err(error) => Err(error),
        };
        token
            .inspect_err(|error| tracing::error!(host, %error, "no token: the credentials could not be had"))
            .ok()
            .map(|token| token.as_str().to_owned())
    }
}

/// `<cluster>.cluster-<hash>.<region>.rds.amazonaws.com`: the label before `rds`.
fn region_of(host: &str) -> Option<&str> {
    let (before, _) = host.rsplit_once(".rds.")?;
    before.rsplit_once('.').map(|(_, region)| region)
}

/// Connects with a token of its own each time: one is good for a quarter of an hour, a pool lives longer.
pub(crate) struct WithToken<T> {
    pub(crate) tokens: Tokens,
    pub(crate) tls: T,
}

impl<T> Connect for WithToken<T>
where
    T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
    T::Stream: Sync + Send,
    T::TlsConnect: Sync + Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    fn connect(&self, login: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let (mut login, tls) = (login.clone(), self.tls.clone());
        Box::pin(async move {
            if let Some(token) = self.tokens.token(&login).await {
                login.password(token);
            }
            let (client, connection) = login.connect(tls).await?;
            let task = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(%error, "a connection ended");
                }
            });
            Ok((client, task))
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::config::Credentials;
    use aws_types::sdk_config::{SharedCredentialsProvider, SharedTimeSource};

    use super::*;

    const WRITER: &str = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com";

    fn login(host: &str) -> Config {
        let mut login = Config::new();
        login.host(host).port(5432).user("todo_app");
        login
    }

    fn tokens(credentials: bool) -> Tokens {
        let config = SdkConfig::builder().region(aws_config::Region::new("ap-northeast-2"));
        let config = config.time_source(SharedTimeSource::default());
        let own = Credentials::new("AKID", "secret", Some("session".to_owned()), None, "a test");
        Tokens(if credentials {
            config.credentials_provider(SharedCredentialsProvider::new(own)).build()
        } else {
            config.build()
        })
    }

    #[tokio::test]
    async fn a_token_is_for_the_writers_region_host_and_user() {
        let token = tokens(true).token(&login(WRITER)).await.unwrap();
        assert!(token.starts_with(&format!("{WRITER}:5432/?")), "{token}");
        for part in ["Action=connect", "DBUser=todo_app", "ap-northeast-3%2Frds-db", "X-Amz-Expires=900"] {
            assert!(token.contains(part), "{part}: {token}");
        }
        assert!(token.contains("X-Amz-Security-Token=session"), "{token}");
    }

    #[tokio::test]
    async fn what_cannot_be_signed_is_no_token() {
        assert_eq!(tokens(false).token(&login(WRITER)).await, None);
        assert_eq!(tokens(true).token(&login("writer.db.todo.internal")).await, None);
        assert_eq!(tokens(true).token(&Config::new()).await, None);
    }

    #[test]
    fn a_host_name_says_its_region_in_each_partition() {
        for (host, region) in [
            (WRITER, Some("ap-northeast-3")),
            ("todo.cluster-abc.cn-north-1.rds.amazonaws.com.cn", Some("cn-north-1")),
            ("proxy.proxy-abc.us-gov-west-1.rds.amazonaws.com", Some("us-gov-west-1")),
            ("localhost", None),
            ("rds.amazonaws.com", None),
        ] {
            assert_eq!(region_of(host), region, "{host}");
        }
    }
}
