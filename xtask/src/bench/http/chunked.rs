use anyhow::bail;

/// A body in chunks (RFC 9112, 7.1), taken apart as it comes in.
#[derive(Default)]
pub(super) struct Chunked {
    /// Bytes of the current chunk that are still to come.
    left: usize,
    /// Bytes of the line break after it that are.
    line_break: usize,
    /// The line with the length of the next one, as far as it is there.
    length: String,
    pub(super) is_over: bool,
}

impl Chunked {
    /// Adds what is in `raw` to `body`.
    pub(super) fn take(&mut self, mut raw: &[u8], body: &mut Vec<u8>) -> anyhow::Result<()> {
        while !raw.is_empty() && !self.is_over {
            if self.left > 0 {
                let (chunk, rest) = raw.split_at(self.left.min(raw.len()));
                body.extend_from_slice(chunk);
                self.left -= chunk.len();
                raw = rest;
            } else if self.line_break > 0 {
                let skipped = self.line_break.min(raw.len());
                self.line_break -= skipped;
                raw = &raw[skipped..];
            } else {
                self.take_of_length(raw[0])?;
                raw = &raw[1..];
            }
        }
        Ok(())
    }

    fn take_of_length(&mut self, byte: u8) -> anyhow::Result<()> {
        match byte {
            b'\r' => {}
            b'\n' => {
                let Ok(length) = usize::from_str_radix(&self.length, 16) else {
                    bail!("not the length of a chunk: {:?}", self.length);
                };
                self.length.clear();
                self.left = length;
                self.line_break = 2;
                self.is_over = length == 0;
            }
            _ => self.length.push(char::from(byte)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_the_same_however_it_is_cut() {
        let raw = b"3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n";
        for size in 1..raw.len() {
            let (mut chunked, mut body) = (Chunked::default(), Vec::new());
            for piece in raw.chunks(size) {
                chunked.take(piece, &mut body).unwrap();
            }
            assert_eq!(body, b"abc0123456789abcdef", "{size}");
            assert!(chunked.is_over);
        }
    }

    #[test]
    fn what_is_no_chunk_is_an_error() {
        let mut body = Vec::new();
        assert!(Chunked::default().take(b"zz\r\n", &mut body).is_err());
    }
}
