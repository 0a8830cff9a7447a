//! From a file of any of the usual encodings to UTF-8.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes read at a stretch.
const STRETCH: usize = 1 << 18;
/// Where NULs are looked for that tell UTF-16 without a mark.
const HEAD: usize = 256;

/// What the bytes of a file mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its encoding.
    pub encoding: &'static Encoding,
    /// Whether it begins with a byte order mark.
    pub marked: bool,
}

/// A stretch of a file as UTF-8, or what is wrong with it.
#[derive(Debug)]
pub enum Stretch {
    /// So many bytes were added; more may come.
    Some,
    /// The file is at its end.
    End,
    /// Bytes that its encoding does not have follow what was added.
    Malformed,
}

/// A file, read as UTF-8.
///
/// A byte order mark says what it is; without one it is UTF-16 if every other byte of
/// its beginning is 0; otherwise what first is not ASCII decides between UTF-8 and
/// GB18030 (of which GBK and GB 2312 are parts).
#[derive(Debug)]
pub struct Decoded<R> {
    input: R,
    decoder: Option<encoding_rs::Decoder>,
    written: Written,
    raw: Vec<u8>,
    begun: bool,
}

impl<R: Read> Decoded<R> {
    pub fn new(input: R) -> Self {
        let written = Written { encoding: UTF_8, marked: false };
        Self { input, decoder: None, written, raw: Vec::new(), begun: false }
    }

    /// What it was found to be; UTF-8 as long as all is ASCII.
    pub const fn written(&self) -> Written {
        self.written
    }

    /// Whether what is read is still ASCII alone, so that nothing is decided.
    const fn is_open(&self) -> bool {
        self.decoder.is_none()
    }

    /// Adds the next stretch.
    pub fn read_into(&mut self, out: &mut Vec<u8>) -> io::Result<Stretch> {
        let at_end = self.fill()?;
        if !self.begun {
            self.begun = true;
            self.begin();
        }
        if self.is_open() {
            if self.raw.is_ascii() {
                out.append(&mut self.raw);
                return Ok(if at_end { Stretch::End } else { Stretch::Some });
            }
            self.decide(at_end);
        }
        let Some(decoder) = &mut self.decoder else { return Ok(Stretch::Malformed) };
        let needed = decoder.max_utf8_buffer_length_without_replacement(self.raw.len());
        let from = out.len();
        out.resize(from + needed.unwrap_or(self.raw.len() * 3 + 16), 0);
        let (result, _, written) =
            decoder.decode_to_utf8_without_replacement(&self.raw, &mut out[from..], at_end);
        out.truncate(from + written);
        self.raw.clear();
        Ok(match result {
            DecoderResult::Malformed(..) => Stretch::Malformed,
            _ if at_end => Stretch::End,
            _ => Stretch::Some,
        })
    }

    /// Reads up to [`STRETCH`] bytes; whether there is no more.
    fn fill(&mut self) -> io::Result<bool> {
        let most = STRETCH as u64;
        let read = self.input.by_ref().take(most).read_to_end(&mut self.raw)?;
        Ok(read < STRETCH)
    }

    fn begin(&mut self) {
        let found = if let Some((encoding, length)) = Encoding::for_bom(&self.raw) {
            self.raw.drain(..length);
            Some(Written { encoding, marked: true })
        } else {
            wide(&self.raw).map(|encoding| Written { encoding, marked: false })
        };
        if let Some(found) = found {
            self.written = found;
            self.decoder = Some(found.encoding.new_decoder_without_bom_handling());
        }
    }

    /// Decides between UTF-8 and GB18030 by what is read.
    fn decide(&mut self, at_end: bool) {
        let encoding = match std::str::from_utf8(&self.raw) {
            Err(why) if why.error_len().is_none() && !at_end => UTF_8,
            Err(_) if fits(GB18030, &self.raw, at_end) => GB18030,
            // If it is neither, as UTF-8 the first byte at fault is found.
            Ok(_) | Err(_) => UTF_8,
        };
        self.written.encoding = encoding;
        self.decoder = Some(encoding.new_decoder_without_bom_handling());
    }
}

/// UTF-16 without a mark: of its beginning many bytes are 0, and all of them at even
/// places, or at odd ones.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    let enough = |zeros: usize| zeros * 16 >= head.len() && zeros > 1;
    match (zeros(0), zeros(1)) {
        (0, little) if enough(little) => Some(UTF_16LE),
        (big, 0) if enough(big) => Some(UTF_16BE),
        _ => None,
    }
}

fn fits(encoding: &'static Encoding, bytes: &[u8], at_end: bool) -> bool {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let needed = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut out = vec![0; needed.unwrap_or(bytes.len() * 3 + 16)];
    let (result, ..) = decoder.decode_to_utf8_without_replacement(bytes, &mut out, at_end);
    !matches!(result, DecoderResult::Malformed(..))
}
