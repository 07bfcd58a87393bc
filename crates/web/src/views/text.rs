use linkify::{LinkFinder, LinkKind};
use maud::{Markup, html};

/// What somebody wrote, with its http and https links clickable. Everything is text first: maud
/// escapes it, and no other scheme ever becomes a link.
pub(super) fn text(written: &str) -> Markup {
    // Most texts have none, and this is found out sooner than where one begins and ends.
    if !written.contains("://") {
        return html! { (written) };
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    html! {
        @for span in finder.spans(written) {
            @if span.kind().is_some() && is_web(span.as_str()) {
                a href=(span.as_str()) target="_blank" rel="noopener noreferrer nofollow" { (span.as_str()) }
            } @else {
                (span.as_str())
            }
        }
    }
}

fn is_web(url: &str) -> bool {
    let scheme = url
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_links_are_clickable_and_all_else_is_escaped() {
        let link = |url: &str| {
            format!(
                r#"<a href="{url}" target="_blank" rel="noopener noreferrer nofollow">{url}</a>"#
            )
        };
        for (written, shown) in [
            (
                "see https://example.org/a?b=1.",
                format!("see {}.", link("https://example.org/a?b=1")),
            ),
            (
                "<script>alert(1)</script>",
                "&lt;script&gt;alert(1)&lt;/script&gt;".to_owned(),
            ),
            (
                "javascript://example.org/%0aalert(1)",
                "javascript://example.org/%0aalert(1)".to_owned(),
            ),
            (
                "ftp://example.org data:text/html,x",
                "ftp://example.org data:text/html,x".to_owned(),
            ),
            ("HTTP://example.org", link("HTTP://example.org")),
            (
                "https://a.org/\"onmouseover=x",
                format!("{}&quot;onmouseover=x", link("https://a.org/")),
            ),
        ] {
            assert_eq!(text(written).into_string(), shown);
        }
    }
}
