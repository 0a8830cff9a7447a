//! The text of a CSV, checked as RFC 4180 has it before it is cut into fields: a field
//! that begins with a quote ends with one, and a quote within it is written twice.

use std::collections::VecDeque;
use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memchr2};

use super::TableError;
use super::encoding::{Decoded, Stretch, Written};

/// What may part the columns, the most likely first.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// What looks as if it did.
const NO_SEPARATORS: [char; 5] = ['，', '；', '、', '|', '｜'];

/// Where a text is checked up to.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Between or in fields without quotes.
    Plain,
    /// In a field whose quote was opened in this line.
    Quoted(u64),
}

/// The text of a CSV as UTF-8. Each line ends with a line feed, and no quote is left
/// open: reading says so as an [`io::Error`] that holds a [`TableError`].
#[derive(Debug)]
pub struct Strict<R> {
    decoded: Decoded<R>,
    separator: u8,
    /// What is read and not handed out: `ready` bytes are checked, `taken` handed out.
    text: Vec<u8>,
    ready: usize,
    taken: usize,
    /// Places of the CR of line ends of two characters, which are not handed out.
    drops: VecDeque<usize>,
    state: State,
    /// The byte before the next to be checked.
    last: u8,
    /// Of the next byte to be checked, from 1.
    line: u64,
    at_end: bool,
    /// What to say once all that is ready is handed out.
    fault: Option<TableError>,
}

impl<R: Read> Strict<R> {
    /// Reads the beginning, and finds what parts the columns.
    pub fn open(input: R) -> Result<Self, TableError> {
        let mut all = Self {
            decoded: Decoded::new(input),
            separator: b',',
            text: Vec::new(),
            ready: 0,
            taken: 0,
            drops: VecDeque::new(),
            state: State::Plain,
            last: b'\n',
            line: 1,
            at_end: false,
            fault: None,
        };
        let malformed = all.decode().map_err(TableError::Read)?;
        let header = header(&all.text);
        all.separator = separator(&header)?;
        all.check(malformed);
        Ok(all)
    }

    /// What parts the columns.
    pub const fn separator(&self) -> u8 {
        self.separator
    }

    /// How the file is written.
    pub const fn written(&self) -> Written {
        self.decoded.written()
    }

    /// Decodes another stretch; whether it is malformed behind that.
    fn decode(&mut self) -> io::Result<bool> {
        match self.decoded.read_into(&mut self.text)? {
            Stretch::Some => {}
            Stretch::End => self.at_end = true,
            Stretch::Malformed => return Ok(true),
        }
        Ok(false)
    }

    fn more(&mut self) -> io::Result<()> {
        self.text.drain(..self.ready);
        (self.ready, self.taken) = (0, 0);
        let malformed = self.decode()?;
        self.check(malformed);
        Ok(())
    }

    /// Checks what was read, as far as can be said without what follows.
    fn check(&mut self, malformed: bool) {
        let from = self.ready;
        let fault = self.walk().err();
        let text = &self.text[from..self.ready];
        if let Some(at) = memchr(0, text) {
            let line = self.line - count(&text[at..]);
            self.ready = from + at;
            self.fault = Some(TableError::Line { line, why: "it has a NUL byte".to_owned() });
            return;
        }
        self.fault = fault.or_else(|| {
            malformed.then(|| TableError::Line {
                line: self.line + count(&self.text[self.ready..]),
                why: format!("it is not {}", self.name()),
            })
        });
    }

    fn name(&self) -> String {
        let Written { encoding, marked } = self.written();
        match encoding.name() {
            "UTF-8" if !marked => "UTF-8 (nor does the file read as GB18030)".to_owned(),
            "gb18030" => "GB18030, as the lines before it are".to_owned(),
            name => name.to_owned(),
        }
    }

    fn walk(&mut self) -> Result<(), TableError> {
        loop {
            let rest = &self.text[self.ready..];
            match self.state {
                State::Plain => {
                    let Some(at) = memchr2(b'"', b'\r', rest) else {
                        self.pass(rest.len());
                        return Ok(());
                    };
                    if rest[at] == b'\r' {
                        match rest.get(at + 1) {
                            None if !self.at_end => {
                                self.pass(at);
                                return Ok(());
                            }
                            // The library would count the line only with the next.
                            Some(b'\n') => {
                                self.drops.push_back(self.ready + at);
                                self.pass(at + 2);
                            }
                            // Old Macs end lines with it alone.
                            _ => {
                                let at = self.ready + at;
                                self.text[at] = b'\n';
                                self.pass(at + 1 - self.ready);
                            }
                        }
                        continue;
                    }
                    let before = if at == 0 { self.last } else { rest[at - 1] };
                    self.pass(at + 1);
                    // Within a field that has none around it, a quote is a character.
                    if before == self.separator || matches!(before, b'\n' | b'\r') {
                        self.state = State::Quoted(self.line);
                    }
                }
                State::Quoted(begun) => {
                    let Some(at) = memchr(b'"', rest) else {
                        self.pass(rest.len());
                        let open = "a quote is opened here and never closed";
                        return if self.at_end { Err(line(begun, open)) } else { Ok(()) };
                    };
                    match rest.get(at + 1) {
                        None if !self.at_end => {
                            self.pass(at);
                            return Ok(());
                        }
                        Some(b'"') => self.pass(at + 2),
                        None | Some(b'\n' | b'\r') => self.close(at),
                        Some(&next) if next == self.separator => self.close(at),
                        Some(_) => {
                            self.pass(at);
                            return Err(line(begun, &self.after_quote(begun)));
                        }
                    }
                }
            }
        }
    }

    fn after_quote(&self, begun: u64) -> String {
        let closed = match self.line {
            line if line == begun => String::new(),
            line => format!(" in line {line}"),
        };
        format!(
            "a field begins with a quote, and text follows where that is closed{closed}: \
             a quote within such a field is written twice"
        )
    }

    fn close(&mut self, at: usize) {
        self.pass(at + 1);
        self.state = State::Plain;
    }

    /// Counts so many bytes as checked.
    fn pass(&mut self, bytes: usize) {
        let passed = &self.text[self.ready..self.ready + bytes];
        self.line += count(passed);
        if let Some(&last) = passed.last() {
            self.last = last;
        }
        self.ready += bytes;
    }
}

impl<R: Read> Read for Strict<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.drops.front() == Some(&self.taken) {
                self.drops.pop_front();
                self.taken += 1;
                continue;
            }
            if self.taken < self.ready {
                break;
            }
            if let Some(fault) = self.fault.take() {
                self.at_end = true;
                return Err(io::Error::other(fault));
            }
            if self.at_end {
                return Ok(0);
            }
            self.more()?;
        }
        let end = self.drops.front().map_or(self.ready, |at| self.ready.min(*at));
        let ready = &self.text[self.taken..end];
        let bytes = ready.len().min(out.len());
        out[..bytes].copy_from_slice(&ready[..bytes]);
        self.taken += bytes;
        Ok(bytes)
    }
}

fn line(line: u64, why: &str) -> TableError {
    TableError::Line { line, why: why.to_owned() }
}

fn count(text: &[u8]) -> u64 {
    memchr_iter(b'\n', text).count() as u64
}

/// The first line that is not blank, without what stands in quotes.
fn header(text: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    let mut quoted = false;
    for &byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => {
                if !found.trim_ascii().is_empty() {
                    break;
                }
                found.clear();
            }
            _ if quoted => {}
            byte => found.push(byte),
        }
    }
    found
}

/// What parts the columns of a header: what it has most of.
fn separator(header: &[u8]) -> Result<u8, TableError> {
    let of = |separator: u8| memchr_iter(separator, header).count();
    // Of equals the last would be taken.
    let most = SEPARATORS.into_iter().rev().max_by_key(|&separator| of(separator));
    let most = most.unwrap_or(b',');
    if of(most) > 0 {
        return Ok(most);
    }
    let text = String::from_utf8_lossy(header);
    match NO_SEPARATORS.into_iter().find(|&c| text.contains(c)) {
        Some(found) => Err(TableError::NoSeparator(found)),
        None => Ok(b','),
    }
}
