//! Errors as an operator reads them.

/// An error with its causes on one line, the outermost first. Many drivers repeat the text of a
/// cause in their own: it is said once.
#[must_use]
pub fn line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            line = text;
        } else if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn every_cause_is_said_once_and_on_one_line() {
        let error = anyhow!("no such\nfile")
            .context("driver: no such file")
            .context("cannot open");
        assert_eq!(line(&error), "cannot open: driver: no such file");
        assert_eq!(line(&anyhow!("a").context("b")), "b: a");
    }
}
