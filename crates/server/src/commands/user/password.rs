use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, bail};
use domain::sessions::NewPassword;

/// More bytes than the longest password has: 256 characters of four bytes, and the line's end.
const LONGEST_LINE: u64 = 1_100;

/// A new password: asked for twice at a terminal, without showing it; else the first line of
/// standard input.
pub(super) fn read() -> anyhow::Result<NewPassword> {
    let raw = if io::stdin().is_terminal() {
        ask()?
    } else {
        first_line(io::stdin().lock())?
    };
    NewPassword::parse(&raw).map_err(|why| anyhow::anyhow!("the password {why}"))
}

fn ask() -> anyhow::Result<String> {
    let once = rpassword::prompt_password("Password: ").context("cannot ask for the password")?;
    let again = rpassword::prompt_password("Once more: ").context("cannot ask for the password")?;
    if once == again {
        Ok(once)
    } else {
        bail!("the two passwords differ")
    }
}

/// Without its end, be it LF or CRLF. A longer line is cut where it is too long to be taken.
fn first_line(input: impl BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input
        .take(LONGEST_LINE)
        .read_line(&mut line)
        .context("cannot read the password from standard input")?;
    if line.is_empty() {
        bail!("the password is expected as the first line of standard input");
    }
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_without_its_end() {
        for (input, password) in [
            ("correct horse\n", "correct horse"),
            ("correct horse\r\nmore\n", "correct horse"),
            ("correct horse", "correct horse"),
            (" correct horse \n", " correct horse "),
            ("\n", ""),
        ] {
            assert_eq!(first_line(input.as_bytes()).unwrap(), password);
        }
        assert!(first_line(&b""[..]).is_err());
    }

    #[test]
    fn an_endless_line_is_read_as_far_as_needed_to_refuse_it() {
        let line = first_line(io::BufReader::new(io::repeat(b'x'))).unwrap();
        assert!(NewPassword::parse(&line).is_err());
    }
}
