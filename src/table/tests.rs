use super::*;

fn open(text: &str) -> Result<Table<&[u8]>, TableError> {
    Table::open(text.as_bytes())
}

/// Every row, its fields with `|` between, and what ended it.
fn read(bytes: &[u8]) -> (Vec<String>, Option<String>) {
    let mut table = match Table::open(bytes) {
        Ok(table) => table,
        Err(why) => return (Vec::new(), Some(why.to_string())),
    };
    let told = |line: &ByteRecord| {
        let fields: Vec<_> = line.iter().map(|field| String::from_utf8_lossy(field)).collect();
        fields.join("|")
    };
    let mut rows = vec![told(table.header())];
    let mut line = ByteRecord::new();
    loop {
        match table.next(&mut line) {
            Ok(true) => rows.push(told(&line)),
            Ok(false) => return (rows, None),
            Err(why) => return (rows, Some(why.to_string())),
        }
    }
}

fn rows(bytes: &[u8]) -> Vec<String> {
    let (rows, why) = read(bytes);
    assert_eq!(why, None);
    rows
}

fn why(text: &str) -> String {
    read(text.as_bytes()).1.unwrap()
}

#[test]
fn a_column_is_found_by_the_first_of_its_names() {
    let mut table = open("occurred_at, Time ,ＬＯＮ\nthen,now,1.5\n").unwrap();
    let (time, lon) = (table.need(&["time", "occurred_at"]).unwrap(), table.need(&["lon"]));
    let mut line = ByteRecord::new();
    assert!(table.next(&mut line).unwrap());
    assert_eq!((time.text(&line).unwrap(), lon.unwrap().number(&line).unwrap()), ("now", 1.5));
    assert!(table.find(&["matter"]).unwrap().is_none());
    assert!(!table.next(&mut line).unwrap());
}

#[test]
fn what_is_wrong_is_told_in_plain_words() {
    for empty in ["", "\n\n", " , ,\n", "\u{feff}"] {
        assert_eq!(why(empty), "it is empty: not even a header is there", "{empty:?}");
    }
    let mut table = open("a,a,lon\n1,2,x\n1,2\n").unwrap();
    let why = |names| table.need(names).unwrap_err().to_string();
    assert_eq!(why(&["a"]), "there are two columns “a”");
    let missing = "there is no column “id” or “key”; the header has “a”, “a”, “lon”";
    assert_eq!(why(&["id", "key"]), missing);
    let lon = table.need(&["lon"]).unwrap();
    let mut line = ByteRecord::new();
    table.next(&mut line).unwrap();
    let why = lon.number(&line).unwrap_err().to_string();
    assert_eq!(why, "line 2: lon: “x” is not a number");
    let why = table.next(&mut line).unwrap_err().to_string();
    assert_eq!(why, "line 3: the header has 3 columns, this line 2");
}

#[test]
fn a_quote_that_is_never_closed_is_named_by_its_line() {
    let open = "a quote is opened here and never closed";
    assert_eq!(why("id,note\n1,x\n2,\"open\n3,y\n4,z\n"), format!("line 3: {open}"));
    assert_eq!(why("id,note\n1,\""), format!("line 2: {open}"));
    assert_eq!(why("\"id,note\n1,x\n"), format!("line 1: {open}"));
    assert_eq!(why("id,note\n1,\"a\"\"\n2,b\n"), format!("line 2: {open}"));
    // It is closed where another field begins: text follows that.
    let (rows, why) = read(b"id,note\n1,x\n2,\"open\n3,\"y\"\n");
    assert_eq!(rows, ["id|note", "1|x"]);
    let why = why.unwrap();
    assert!(why.starts_with("line 3: a field begins with a quote, and text follows"), "{why}");
    assert!(why.contains("closed in line 4"), "{why}");
}

#[test]
fn no_mark_of_a_field_is_dropped() {
    let begins = "line 2: a field begins with a quote, and text follows where that is closed: ";
    for text in ["\"虎丘\"路小区", "\"a\" ", "\"a\"b\"", "\"\"a"] {
        let why = why(&format!("id,note\n1,{text}\n"));
        assert!(why.starts_with(begins), "{text}: {why}");
    }
    for (text, kept) in [
        ("路\"虎丘\"小区", "路\"虎丘\"小区"),
        (" \"a\"", " \"a\""),
        ("\"\"\"虎丘\"\"路\"", "\"虎丘\"路"),
        ("\"a,b\"", "a,b"),
        ("\"a\nb\"", "a\nb"),
        ("\"a\r\nb\"", "a\r\nb"),
        ("\"\"", ""),
        ("“虎丘”路", "“虎丘”路"),
    ] {
        let text = format!("id,note\n1,{text}\n2,z");
        assert_eq!(rows(text.as_bytes()), ["id|note", &format!("1|{kept}"), "2|z"]);
    }
}

#[test]
fn lines_end_in_each_of_three_ways_and_are_counted() {
    for end in ["\n", "\r\n", "\r"] {
        let text = "id,lon\n1,2\n\n3,4\n5,6,7\n".replace('\n', end);
        let (rows, why) = read(text.as_bytes());
        assert_eq!(rows, ["id|lon", "1|2", "3|4"], "{end:?}");
        assert_eq!(why.unwrap(), "line 5: the header has 2 columns, this line 3", "{end:?}");
    }
}

#[test]
fn columns_are_parted_by_what_the_header_has_most_of() {
    for (text, second) in [
        ("id;note;lon\n1;a,b;2\n", "1|a,b|2"),
        ("id\tnote\tlon\n1\ta;b\t2\n", "1|a;b|2"),
        ("id,\"a;b;c;d\",lon\n1,x,2\n", "1|x|2"),
        ("\n\nid;note;lon\n1;a;2", "1|a|2"),
    ] {
        assert_eq!(rows(text.as_bytes())[1], second);
    }
    assert_eq!(rows(b"lon\n1\n"), ["lon", "1"]);
    for mark in ['，', '；', '、', '|'] {
        let why = why(&format!("编号{mark}经度{mark}纬度\n1{mark}2{mark}3\n"));
        assert!(why.starts_with(&format!("“{mark}” is no separator")), "{why}");
    }
}

#[test]
fn blank_rows_are_rows_of_empty_fields() {
    assert_eq!(
        rows(b"a,b,c\n1,2,3\n,,\n,\n  \n,,,,\n"),
        ["a|b|c", "1|2|3", "||", "||", "  ||", "||"]
    );
}

#[test]
fn every_usual_encoding_is_read() {
    let text = "编号,经度\r\n甲,120.9\r\n乙,121\r\n";
    let expected = ["编号|经度", "甲|120.9", "乙|121"];
    let wide = |of: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(of).collect() };
    let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
    let (chinese, ..) = encoding_rs::GB18030.encode(text);
    let written = |bytes: &[u8]| {
        assert_eq!(rows(bytes), expected);
        let written = Table::open(bytes).unwrap().written();
        (written.encoding.name(), written.marked)
    };
    let with = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    assert_eq!(written(text.as_bytes()), ("UTF-8", false));
    assert_eq!(written(&with(b"\xef\xbb\xbf", text.as_bytes())), ("UTF-8", true));
    assert_eq!(written(&little), ("UTF-16LE", false));
    assert_eq!(written(&with(b"\xff\xfe", &little)), ("UTF-16LE", true));
    assert_eq!(written(&big), ("UTF-16BE", false));
    assert_eq!(written(&with(b"\xfe\xff", &big)), ("UTF-16BE", true));
    assert_eq!(written(&chinese), ("gb18030", false));
}

#[test]
fn an_encoding_is_told_by_what_first_is_not_ascii_however_late() {
    let plain: Vec<_> = (0..60_000).map(|row| format!("{row},plain\n")).collect();
    let text = format!("id,note\n{}60000,虎丘\n", plain.concat());
    let last = "60000|虎丘";
    assert_eq!(rows(text.as_bytes()).last().unwrap(), last);
    assert_eq!(rows(&encoding_rs::GB18030.encode(&text).0).last().unwrap(), last);
}

#[test]
fn what_is_of_no_encoding_is_named_by_its_line() {
    let (rows, why) = read(b"id,note\n1,a\n2,\xff\xff\n3,b\n");
    assert_eq!(rows, ["id|note", "1|a"]);
    assert_eq!(why.unwrap(), "line 3: it is not UTF-8 (nor does the file read as GB18030)");
    let (_, why) = read(b"id,note\n1,a\0b\n");
    assert_eq!(why.unwrap(), "line 2: it has a NUL byte");
}

#[test]
fn a_number_that_is_none_is_told_why() {
    for (text, why) in [
        ("", "it is empty"),
        ("\"120,9\"", "“120,9” has a comma for a decimal point"),
        ("１２０．９", "“１２０．９” has wide characters: 120.9 is a number"),
        ("120 .9", "“120 .9” has a space in it"),
        ("120°54′", "“120°54′” is not in decimal degrees"),
        ("东经120", "“东经120” is not a number"),
    ] {
        let text = format!("lon\n{text}\n");
        let text = text.replace("lon\n\n", "lon\n\"\"\n");
        let mut table = open(&text).unwrap();
        let lon = table.need(&["lon"]).unwrap();
        let mut line = ByteRecord::new();
        assert!(table.next(&mut line).unwrap());
        let told = lon.number(&line).unwrap_err().to_string();
        assert_eq!(told, format!("line 2: lon: {why}"));
    }
}

proptest::proptest! {
    /// What is written by the rules is read as it was, in stretches of any length.
    #[test]
    fn what_is_written_is_read_again(
        cells in proptest::collection::vec("[a\"\r\n,;\t 虎]{0,6}", 1..40),
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["x", "y"]).unwrap();
        for pair in cells.chunks(2) {
            writer.write_record([&pair[0], pair.get(1).unwrap_or(&pair[0])]).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let (mut table, mut line) = (Table::open(&*bytes).unwrap(), ByteRecord::new());
        for pair in cells.chunks(2) {
            proptest::prop_assert!(table.next(&mut line).unwrap());
            proptest::prop_assert_eq!(&line[0], pair[0].as_bytes());
            proptest::prop_assert_eq!(&line[1], pair.get(1).unwrap_or(&pair[0]).as_bytes());
        }
        proptest::prop_assert!(!table.next(&mut line).unwrap());
    }
}
