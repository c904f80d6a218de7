//! Where a page is written, and where it is read.

use responder_core::words::names::Region;

/// A bucket of the function's own Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bucket {
    name: String,
    region: Region,
    /// The scheme and the authority.
    host: String,
    /// What stands before an object's key in a path.
    above: String,
    /// What stands before an object's key where people read it.
    shown: String,
}

/// How the bucket's service is reached, where that is not the usual way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Way {
    /// Another endpoint than AWS's.
    pub(crate) endpoint: Option<String>,
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
}

impl Bucket {
    /// The bucket of that name, whose pages are read at `url` or else in AWS's console. A name that cannot be one is no bucket.
    pub(crate) fn of(name: &str, region: &Region, way: &Way, url: Option<&str>) -> Option<Self> {
        let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, '.' | '-');
        if !(3..=63).contains(&name.len()) || !name.chars().all(plain) || name.starts_with(['.', '-']) {
            return None;
        }
        let (host, above) = place(name, region, way);
        let shown =
            url.map_or_else(|| console(name, region), |url| format!("{}/", url.trim_end_matches('/')));
        Some(Self { name: name.to_owned(), region: region.clone(), host, above, shown })
    }

    pub(crate) const fn region(&self) -> &Region {
        &self.region
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn path(&self, key: &str) -> String {
        format!("{}/{key}", self.above)
    }

    /// Its name for people and AWS's tools.
    pub(crate) fn uri(&self) -> String {
        format!("s3://{}", self.name)
    }

    /// Where people read the object of this key.
    pub(crate) fn link(&self, key: &str) -> String {
        format!("{}{key}", self.shown)
    }
}

/// The host, and the path above an object's key.
fn place(name: &str, region: &Region, way: &Way) -> (String, String) {
    if let Some(endpoint) = &way.endpoint {
        let endpoint = endpoint.trim_end_matches('/');
        let authority = endpoint.find("://").map_or(0, |at| at + 3);
        let path = endpoint[authority..].find('/').map_or(endpoint.len(), |at| authority + at);
        return (endpoint[..path].to_owned(), format!("{}/{name}", &endpoint[path..]));
    }
    let fips = if way.fips { "-fips" } else { "" };
    let dual_stack = if way.dual_stack { ".dualstack" } else { "" };
    let service = format!("s3{fips}{dual_stack}.{region}.{}", region.partition().dns_suffix);
    // AWS's certificate is for one label before the service's name.
    if name.contains('.') {
        (format!("https://{service}"), format!("/{name}"))
    } else {
        (format!("https://{name}.{service}"), String::new())
    }
}

/// The object in AWS's console, whose form is seen and nowhere promised; where no console is known, the object's own name.
fn console(name: &str, region: &Region) -> String {
    let domain = match region.partition().name {
        "aws" => "console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return format!("s3://{name}/"),
    };
    format!("https://{region}.{domain}/s3/object/{name}?region={region}&prefix=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, region: &str, way: &Way, url: Option<&str>) -> Option<Bucket> {
        Bucket::of(name, &region.parse().unwrap(), way, url)
    }

    #[test]
    fn a_page_is_written_where_the_bucket_is() {
        let (fips, dual_stack) = (true, true);
        for (name, region, way, host, path) in [
            (
                "todo",
                "ap-northeast-2",
                &Way::default(),
                "https://todo.s3.ap-northeast-2.amazonaws.com",
                "/a/b.html",
            ),
            (
                "to.do",
                "ap-northeast-2",
                &Way::default(),
                "https://s3.ap-northeast-2.amazonaws.com",
                "/to.do/a/b.html",
            ),
            (
                "todo",
                "cn-north-1",
                &Way::default(),
                "https://todo.s3.cn-north-1.amazonaws.com.cn",
                "/a/b.html",
            ),
            (
                "todo",
                "us-east-1",
                &Way { fips, ..Way::default() },
                "https://todo.s3-fips.us-east-1.amazonaws.com",
                "/a/b.html",
            ),
            (
                "todo",
                "us-east-1",
                &Way { fips, dual_stack, ..Way::default() },
                "https://todo.s3-fips.dualstack.us-east-1.amazonaws.com",
                "/a/b.html",
            ),
            (
                "todo",
                "us-east-1",
                &Way { endpoint: Some("http://127.0.0.1:4566/".to_owned()), ..Way::default() },
                "http://127.0.0.1:4566",
                "/todo/a/b.html",
            ),
            (
                "todo",
                "us-east-1",
                &Way { endpoint: Some("https://a.example/x".to_owned()), ..Way::default() },
                "https://a.example",
                "/x/todo/a/b.html",
            ),
        ] {
            let bucket = of(name, region, way, None).unwrap();
            assert_eq!(
                (bucket.host(), bucket.path("a/b.html").as_str()),
                (host, path),
                "{name} {region} {way:?}"
            );
        }
    }

    #[test]
    fn a_page_is_read_in_the_console_or_where_it_was_said() {
        for (region, url, link) in [
            (
                "ap-northeast-3",
                None,
                "https://ap-northeast-3.console.aws.amazon.com/s3/object/todo?region=ap-northeast-3&prefix=a/b.html",
            ),
            (
                "cn-north-1",
                None,
                "https://cn-north-1.console.amazonaws.cn/s3/object/todo?region=cn-north-1&prefix=a/b.html",
            ),
            (
                "us-gov-west-1",
                None,
                "https://us-gov-west-1.console.amazonaws-us-gov.com/s3/object/todo?region=us-gov-west-1&prefix=a/b.html",
            ),
            ("us-iso-east-1", None, "s3://todo/a/b.html"),
            ("ap-northeast-3", Some("https://reports.example.com"), "https://reports.example.com/a/b.html"),
            ("ap-northeast-3", Some("https://reports.example.com/"), "https://reports.example.com/a/b.html"),
        ] {
            assert_eq!(of("todo", region, &Way::default(), url).unwrap().link("a/b.html"), link);
        }
    }

    #[test]
    fn what_cannot_be_a_bucket_is_none() {
        for bad in ["", "ab", "Todo", "to_do", "-todo", ".todo", "s3://todo", "to do", &"x".repeat(64)] {
            assert_eq!(of(bad, "ap-northeast-2", &Way::default(), None), None, "{bad}");
        }
    }
}
