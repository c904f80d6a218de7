//! The buckets that the functions keep their pages in, one a Region. Pages are read without credentials here: whoever looks at
//! one in a browser has none either.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use drill_emulator::Region;

use crate::error::CloudError;

/// The buckets of an emulator.
#[derive(Debug, Clone)]
pub struct Pages {
    endpoint: String,
    http: Client<HttpConnector, Full<Bytes>>,
}

impl Pages {
    /// Those of the emulator that is reached there.
    pub fn new(endpoint: impl Into<String>) -> Self {
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self { endpoint: endpoint.into(), http }
    }

    /// Makes them.
    pub(crate) async fn create(&self) -> Result<(), CloudError> {
        for region in Region::ALL {
            let place = format!(
                "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            );
            self.ask(Method::PUT, self.url(region), place).await?;
        }
        Ok(())
    }

    /// What a function of that Region is told of its bucket.
    pub fn variables(&self, region: Region) -> [(String, String); 2] {
        [("REPORT_BUCKET".to_owned(), bucket(region)), ("REPORT_URL".to_owned(), self.url(region))]
    }

    /// The page that a link leads to; nothing where there is none.
    pub async fn read(&self, link: &str) -> Result<Option<String>, CloudError> {
        let (status, body) = self.ask(Method::GET, link.to_owned(), String::new()).await?;
        Ok(status.is_success().then(|| String::from_utf8_lossy(&body).into_owned()))
    }

    fn url(&self, region: Region) -> String {
        format!("{}/{}", self.endpoint, bucket(region))
    }

    async fn ask(
        &self,
        method: Method,
        url: String,
        body: String,
    ) -> Result<(StatusCode, Bytes), CloudError> {
        let operation = format!("{method} {url}");
        let failed = |source| CloudError::Aws { operation: operation.clone(), source };
        let request = Request::builder().method(method).uri(url).body(body.into());
        let request = request.map_err(|error| failed(error.into()))?;
        let answer = self.http.request(request).await.map_err(|error| failed(error.into()))?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| failed(error.into()))?;
        Ok((head.status, body.to_bytes()))
    }
}

fn bucket(region: Region) -> String {
    format!("reports-{region}")
}
