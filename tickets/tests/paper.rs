//! Codes and tickets as a scanner and a human see them.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::{
    io::Write,
    process::{Command, Stdio},
};

use rqrr::PreparedImage;
use ticketshow_domain::{BookingId, Currency, Language, Money, ScreeningId, SeatName, pricing::TicketType};
use ticketshow_tickets::{
    Column, LocalTime, Paper, PrintedInvoice, PrintedList, PrintedTicket, Qr, Signer, Verifier, invoices_pdf,
    list_pdf, tickets_pdf,
};
use uuid::Uuid;

const BOOKING: BookingId = BookingId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002));
const SCREENING: ScreeningId = ScreeningId(Uuid::from_u128(1));

fn signer() -> Signer {
    Signer::from_secret(&[7; 32])
}

fn ticket(seat: &str, price_minor: i64) -> PrintedTicket {
    let seat = SeatName(seat.to_owned());
    PrintedTicket {
        show: "Amélie & the Señor’s Ångström".to_owned(),
        venue: "Regal Cinéma".to_owned(),
        address: Some("1 Marine Drive".to_owned()),
        city: "Mumbai".to_owned(),
        screen: "Screen 1".to_owned(),
        starts: LocalTime::new("2026-11-27T13:00:00Z".parse().unwrap(), &"Asia/Kolkata".parse().unwrap()),
        price: Money { amount_minor: price_minor, currency: Currency::INR },
        ticket_type: TicketType::default(),
        booking: BOOKING,
        code: signer().sign(SCREENING, BOOKING, &seat),
        seat,
        level: None,
        language: Language::En,
    }
}

/// Codes that a scanner reads in a greyscale picture.
fn scanned(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Vec<String> {
    let mut picture = PreparedImage::prepare_from_greyscale(width, height, pixel);
    picture.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect()
}

/// Output of a poppler-utils tool for a PDF.
fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> Vec<u8> {
    let mut child = Command::new(tool)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("{tool} (Debian: poppler-utils; deploy/bootstrap.sh poppler): {error}")
        });
    let mut input = child.stdin.take().unwrap();
    let pdf = pdf.to_vec();
    let writing = std::thread::spawn(move || input.write_all(&pdf));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success());
    output.stdout
}

/// The words in writing order, with a form feed after each page.
fn text_of(pdf: &[u8]) -> String {
    let text = String::from_utf8(poppler("pdftotext", &["-raw", "-", "-"], pdf)).unwrap();
    let pages = text.split('\u{c}').map(|page| page.split_whitespace().collect::<Vec<_>>().join(" "));
    pages.collect::<Vec<_>>().join("\u{c}")
}

/// A ticket for a show with this title.
fn titled(show: &str, paper: Paper) -> Vec<u8> {
    tickets_pdf(&[PrintedTicket { show: show.to_owned(), ..ticket("A-1", 25_000) }], paper).unwrap()
}

/// The words with their places, one per line.
fn words_of(pdf: &[u8]) -> String {
    String::from_utf8(poppler("pdftotext", &["-bbox", "-", "-"], pdf)).unwrap()
}

/// Left and right edge of a word, in points.
fn edges(words: &str, word: &str) -> (f32, f32) {
    let line = words.lines().find(|line| line.contains("<word ") && line.contains(&format!(">{word}<")));
    let line = line.unwrap_or_else(|| panic!("{word} is missing: {words}"));
    (number(line, "xMin"), number(line, "xMax"))
}

fn number(line: &str, name: &str) -> f32 {
    line.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
}

/// Asserts that every word ends before the margin of its page.
fn within_the_page(pdf: &[u8], margin: f32) {
    let words = words_of(pdf);
    let mut width = 0.0;
    for line in words.lines() {
        if line.contains("<page ") {
            width = number(line, "width");
        } else if line.contains("<word ") {
            assert!(number(line, "xMax") <= width - margin, "{line}");
        }
    }
    assert!(width > 0.0, "{words}");
}

/// Codes that a scanner reads on a page, from 1.
fn codes_on(pdf: &[u8], page: usize) -> Vec<String> {
    let page = page.to_string();
    let picture = poppler("pdftoppm", &["-gray", "-r", "200", "-f", &page, "-l", &page, "-"], pdf);
    // A greyscale Netpbm picture: `P5 width height 255`, then one byte per pixel.
    let head: Vec<&[u8]> = picture.splitn(4, u8::is_ascii_whitespace).collect();
    let number = |text: &[u8]| std::str::from_utf8(text).unwrap().parse::<usize>().unwrap();
    let (width, height) = (number(head[1]), number(head[2]));
    let pixels = &picture[picture.len() - width * height..];
    scanned(width, height, |x, y| pixels[y * width + x])
}

#[test]
fn a_scanner_reads_the_code_that_was_signed() {
    let code = ticket("A-1", 25_000).code;
    let qr = Qr::new(&code).unwrap();
    let (scale, quiet) = (4, 4);
    let side = (qr.width() + 2 * quiet) * scale;
    let module = |at: usize| (at / scale).wrapping_sub(quiet);
    let read = scanned(side, side, |x, y| if qr.is_dark(module(x), module(y)) { 0 } else { 255 });
    assert_eq!(read, [&*code]);
    assert!(Verifier::new([signer().public_key()]).verify(&read[0]).is_ok());
}

#[test]
fn a_png_holds_the_same_code() {
    let code = ticket("A-1", 25_000).code;
    let png = Qr::new(&code).unwrap().png();
    let number =
        |at: usize| usize::try_from(u32::from_be_bytes(png[at..at + 4].try_into().unwrap())).unwrap();
    assert_eq!(&png[..16], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let (width, height) = (number(16), number(20));
    let (length, data) = (number(33), 41);
    assert_eq!(&png[37..41], b"IDAT");
    let mut lines = Vec::new();
    let mut inflate = flate2::write::ZlibDecoder::new(&mut lines);
    inflate.write_all(&png[data..data + length]).unwrap();
    inflate.finish().unwrap();
    let stride = 1 + width.div_ceil(8);
    assert_eq!(lines.len(), stride * height);
    let read =
        scanned(
            width,
            height,
            |x, y| {
                if lines[y * stride + 1 + x / 8] & (0x80 >> (x % 8)) == 0 { 0 } else { 255 }
            },
        );
    assert_eq!(read, [code]);
    assert!(png.len() < 3_000, "{} bytes", png.len());
}

#[test]
fn an_svg_is_self_contained() {
    let svg = Qr::new(&ticket("A-1", 25_000).code).unwrap().svg();
    assert!(svg.contains("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{svg}");
    assert!(svg.contains("<path"), "{svg}");
}

#[test]
fn a_text_too_long_for_a_qr_code_is_refused() {
    assert!(Qr::new(&"x".repeat(3_000)).is_err());
}

#[test]
fn a_ticket_shows_what_its_bearer_needs() {
    let printed = tickets_pdf(&[ticket("A-1", 25_000), ticket("B-12", 125_000)], Paper::A5).unwrap();
    let text = text_of(&printed);
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    assert_eq!(pages.len(), 2, "{text}");
    for (page, seat, price) in [(pages[0], "A-1", "₹250.00"), (pages[1], "B-12", "₹1,250.00")] {
        let booking = format!("Booking {}", BOOKING.reference());
        for shown in [
            "Amélie & the Señor’s Ångström",
            "Regal Cinéma",
            "1 Marine Drive",
            "Mumbai",
            "Screen 1",
            "Friday, 27 November 2026",
            "18:30",
            "IST, Asia/Kolkata",
            seat,
            price,
            &booking,
        ] {
            assert!(page.contains(shown), "{shown} is missing: {page}");
        }
    }
}

#[test]
fn tickets_fit_the_paper_of_a_house_and_each_code_is_that_of_its_seat() {
    let long =
        PrintedTicket { show: "The Extraordinary Journey of the Last ".repeat(5), ..ticket("B-12", 125_000) };
    let tickets = [ticket("A-1", 25_000), long, ticket("C-3", 25_000)];
    // Width and height of each page in points.
    for (paper, sizes) in [
        (Paper::A4, &["842 595", "842 595"][..]),
        (Paper::A5, &["420 595", "420 595", "420 595"]),
        (Paper::Receipt, &["227", "227", "227"]),
    ] {
        let printed = tickets_pdf(&tickets, paper).unwrap();
        let facts = String::from_utf8(poppler("pdfinfo", &["-f", "1", "-l", "9", "-"], &printed)).unwrap();
        let measured: Vec<String> = facts
            .lines()
            .filter(|line| line.contains(" pts"))
            .map(|line| {
                let words = line.split_once("size:").unwrap().1.split_whitespace();
                let points: Vec<f32> = words.filter_map(|word| word.parse().ok()).collect();
                format!("{:.0} {:.0}", points[0], points[1])
            })
            .collect();
        assert_eq!(measured.len(), sizes.len(), "{paper:?}: {facts}");
        assert!(
            measured.iter().zip(sizes).all(|(is, wanted)| is.starts_with(wanted)),
            "{paper:?}: {measured:?}"
        );
        let text = text_of(&printed);
        for shown in ["A-1", "B-12", "C-3", "₹1,250.00", "Regal Cinéma", &BOOKING.reference().to_string()]
        {
            assert!(text.contains(shown), "{paper:?}: {shown} is missing: {text}");
        }
        let mut codes = Vec::new();
        for page in 1..=sizes.len() {
            codes.extend(codes_on(&printed, page));
        }
        assert_eq!(codes, tickets.each_ref().map(|ticket| ticket.code.clone()), "{paper:?}");
    }
}

#[test]
fn a_long_title_and_a_long_address_stay_on_the_page() {
    let ticket = PrintedTicket {
        show: "A tale of very many words ".repeat(8).trim().to_owned(),
        venue: "x".repeat(100),
        address: Some("A street with a long name ".repeat(10)),
        seat: SeatName("ABCD-1000".to_owned()),
        ..ticket("A-1", 25_000)
    };
    let printed = tickets_pdf(&[ticket], Paper::A5).unwrap();
    let text = text_of(&printed);
    assert!(text.contains('…'), "{text}");
    assert!(text.contains("ABCD-1000"), "{text}");
    assert_eq!(text.matches('\u{c}').count(), 1, "one page");
}

#[test]
fn a_ticket_names_the_level_of_its_seat_on_every_paper() {
    for paper in [Paper::A4, Paper::A5, Paper::Receipt] {
        let upstairs = PrintedTicket { level: Some("Balcony".to_owned()), ..ticket("C-7", 25_000) };
        let text = text_of(&tickets_pdf(&[upstairs], paper).unwrap());
        assert!(text.contains("Balcony"), "{paper:?}: {text}");
        assert!(!text_of(&tickets_pdf(&[ticket("C-7", 25_000)], paper).unwrap()).contains("Balcony"));
    }
}

#[test]
fn a_ticket_has_the_words_of_its_language() {
    let starts = LocalTime::in_language(
        "2026-11-27T13:00:00Z".parse().unwrap(),
        &"Asia/Kolkata".parse().unwrap(),
        Language::Hi,
    );
    let ticket = PrintedTicket { language: Language::Hi, starts, ..ticket("A-1", 25_000) };
    let text = text_of(&tickets_pdf(&[ticket], Paper::A5).unwrap());
    for shown in ["शुक्रवार, 27 नवंबर 2026", "थिएटर", "सीट A-1", "प्रवेश द्वार पर दिखाएँ", "₹250.00"]
    {
        assert!(text.contains(shown), "{shown} is missing: {text}");
    }
    assert!(!text.contains("VENUE") && !text.contains("Show this code"), "{text}");
}

#[test]
fn a_title_in_any_script_of_india_is_printed_shaped_and_can_be_copied() {
    for show in [
        "शोले की कहानी",
        "क्षत्रिय",
        "পথের পাঁচালী",
        "முதல் மரியாதை",
        "శంకరాభరణం",
        "ನಾಗರಹಾವು",
        "മണിച്ചിത്രത്താഴ്",
        "ગાંધી",
        "ਪੰਜਾਬ",
        "Dangal दंगल 2",
    ] {
        let printed = titled(show, Paper::A5);
        let text = text_of(&printed);
        assert!(text.contains(show), "{show} is missing: {text}");
    }
}

#[test]
fn a_title_in_odia_tibetan_or_burmese_is_printed_and_can_be_copied_but_for_blanks_between_syllables() {
    for show in ["ସୁନା ପୁଅ", "བོད་ཀྱི་གློག་བརྙན", "မြန်မာ ရုပ်ရှင် ကြည့်"]
    {
        let text = text_of(&titled(show, Paper::A5)).replace(' ', "");
        assert!(text.contains(&show.replace(' ', "")), "{show} is missing: {text}");
    }
}

#[test]
fn a_title_in_any_other_script_is_printed_and_can_be_copied() {
    for show in [
        "流浪地球 2 (The Wandering Earth)",
        "霸王别姬：电影",
        "悲情城市，臺北",
        "千と千尋の神隠し（ジブリ）",
        "기생충 살인의 추억",
        "ฉลาดเกมส์โกง น้ำ",
        "ສະບາຍດີ ຫຼວງພະບາງ",
        "ខ្ញុំស្រឡាញ់ភាពយន្ត",
        "සිංහල චිත්‍රපටය ශ්‍රී",
        "მონანიება",
        "Նռան գույնը",
        "ጤዛ ፊልም",
        "ⵜⴰⵎⴰⵣⵉⵖⵜ",
        "ᏣᎳᎩ",
        "ᐊᑕᓈᕐᔪᐊᑦ",
        "ꦗꦮ",
        "ᬩᬲᬩᬮᬶ",
        "ꆈꌠꁱꂷ",
        "ᱚᱞ ᱪᱤᱠᱤ",
        "ᠮᠣᠩᠭᠣᠯ",
        "ꯃꯩꯇꯩ",
        "𑄌𑄋𑄴𑄟𑄳𑄦",
    ] {
        let text = text_of(&titled(show, Paper::A5));
        assert!(text.contains(show), "{show} is missing: {text}");
    }
}

#[test]
fn a_title_from_right_to_left_can_be_copied_in_its_reading_order() {
    for show in ["ואלס עם באשיר", "لورنس العرب", "پاکیزہ", "جدایی نادر از سیمین"]
    {
        let printed = titled(show, Paper::A5);
        let text = String::from_utf8(poppler("pdftotext", &["-", "-"], &printed)).unwrap();
        // The tool encloses such words in the marks of their direction.
        let text = text.replace(|letter: char| ('\u{202a}'..='\u{202e}').contains(&letter), "");
        assert!(text.contains(show), "{show} is missing: {text}");
    }
}

#[test]
fn a_line_that_mixes_directions_is_printed_in_the_order_it_is_read() {
    // In a Hebrew line the number comes last, so it stands on the left. An English line goes on to the right.
    let hebrew = words_of(&titled("ואלס 2008", Paper::A5));
    let (number, _) = edges(&hebrew, "2008");
    assert!((number - 34.0).abs() < 1.0, "{hebrew}");
    let english = words_of(&titled("Waltz ואלס Dance", Paper::A5));
    assert!(edges(&english, "Dance").0 > edges(&english, "Waltz").1 + 20.0, "{english}");
}

#[test]
fn a_long_title_without_blanks_is_wrapped_within_the_page() {
    let chinese = "流浪地球霸王别姬卧虎藏龙花样年华悲情城市一代宗师英雄无间道让子弹飞";
    for paper in [Paper::A4, Paper::A5, Paper::Receipt] {
        let printed = titled(chinese, paper);
        let text = text_of(&printed).replace(' ', "");
        assert!(text.contains(chinese), "{paper:?}: {text}");
        within_the_page(&printed, 4.0);
        for title in [chinese.repeat(6), "ฉลาดเกมส์โกง".repeat(10), "क्".repeat(100), "ー".repeat(100)]
        {
            within_the_page(&titled(&title, paper), 4.0);
        }
    }
    let pair = |text: &str, amount: &str| (text.to_owned(), amount.to_owned());
    let invoice = PrintedInvoice {
        title: chinese.to_owned(),
        facts: vec![pair("From", &chinese.repeat(3))],
        rows: vec![pair(&chinese.repeat(3), "₹500.00")],
        total: pair("Total", "₹500.00"),
        included: vec![],
        language: Language::En,
    };
    within_the_page(&invoices_pdf(&[invoice]).unwrap(), 50.0);
    let list = PrintedList {
        title: chinese.repeat(2),
        facts: chinese.repeat(4),
        columns: vec![
            Column { name: chinese.to_owned(), share: 3 },
            Column { name: chinese.to_owned(), share: 1 },
        ],
        rows: vec![vec![chinese.repeat(2), chinese.repeat(2)]],
    };
    within_the_page(&list_pdf(&list).unwrap(), 39.0);
}

#[test]
fn a_ticket_in_chinese_holds_only_the_letters_in_use() {
    let printed = titled("流浪地球", Paper::A5);
    assert!(printed.len() < 80_000, "{} bytes", printed.len());
}

#[test]
fn joined_letters_take_the_place_of_one() {
    // Drawn letter by letter, the conjunct would be as wide as its three parts.
    let glyphs = |show: &str| {
        let (left, right) = edges(&words_of(&titled(show, Paper::A5)), show);
        right - left
    };
    assert!(glyphs("क्ष") < 0.7 * (glyphs("क") + glyphs("ष")), "{} {}", glyphs("क्ष"), glyphs("क"));
}

#[test]
fn the_same_tickets_give_the_same_bytes() {
    let tickets = [ticket("A-1", 25_000)];
    let printed = tickets_pdf(&tickets, Paper::A5).unwrap();
    assert_eq!(printed, tickets_pdf(&tickets, Paper::A5).unwrap());
    assert!(printed.len() < 60_000, "{} bytes", printed.len());
}

#[test]
fn a_list_is_printed_with_its_head_on_every_page_and_every_row_once() {
    let column = |name: &str, share| Column { name: name.to_owned(), share };
    let list = PrintedList {
        title: "Guests: Amélie".to_owned(),
        facts: "Regal, Screen 1".to_owned(),
        columns: vec![column("Name", 3), column("Seat", 1)],
        rows: (1..=36)
            .map(|n| vec![format!("Guest {n} {}", "long name ".repeat(9)), format!("A-{n}")])
            .collect(),
    };
    let printed = list_pdf(&list).unwrap();
    assert_eq!(printed, list_pdf(&list).unwrap(), "the same list gives the same bytes");
    let text = String::from_utf8(poppler("pdftotext", &["-layout", "-", "-"], &printed)).unwrap();
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    assert_eq!(pages.len(), 2);
    for (page, number) in pages.iter().zip(["Page 1 of 2", "Page 2 of 2"]) {
        assert!(page.contains("Guests: Amélie") && page.contains("Seat") && page.contains(number), "{page}");
    }
    assert!(pages[0].contains("A-35") && pages[1].contains("A-36") && !pages[1].contains("A-35"), "{text}");
    assert!(text.contains('…'), "a cell that is too long is cut: {text}");
    assert!(!list_pdf(&PrintedList { rows: vec![], ..list }).unwrap().is_empty(), "an empty list has a page");
}

#[test]
fn an_ellipsis_takes_the_place_of_whole_letters() {
    for share in 1..=8 {
        let column = |share| Column { name: String::new(), share };
        let list = PrintedList {
            title: "Guests".to_owned(),
            facts: String::new(),
            columns: vec![column(share), column(9)],
            rows: vec![vec!["की".repeat(100)]],
        };
        let text = text_of(&list_pdf(&list).unwrap()).replace(' ', "");
        assert!(text.contains("की…") && !text.contains("क…"), "{share}: {text}");
    }
}

#[test]
fn an_invoice_and_its_credit_note_have_a_page_each_with_all_their_lines() {
    let pair = |text: &str, amount: &str| (text.to_owned(), amount.to_owned());
    let invoice = PrintedInvoice {
        title: "Invoice INV-2026-000042".to_owned(),
        facts: vec![
            pair("From", "Regal Cinemas Ltd"),
            pair("Tax number", "27AAPFU0939F1ZV"),
            pair("To", "Amélie"),
        ],
        rows: vec![pair("2 × ₹250.00, adult: A-1, A-2", "₹500.00"), pair("Booking fee", "₹10.00")],
        total: pair("Total", "₹510.00"),
        included: vec![pair("Without tax", "₹432.20"), pair("GST 18 %", "₹77.80")],
        language: Language::En,
    };
    let note =
        PrintedInvoice { title: "जमा पत्र CN-2026-000007".to_owned(), ..invoice.clone() };
    let printed = invoices_pdf(&[invoice.clone(), note.clone()]).unwrap();
    assert_eq!(printed, invoices_pdf(&[invoice, note]).unwrap(), "the same documents give the same bytes");
    let text = text_of(&printed);
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    assert_eq!(pages.len(), 2, "{text}");
    for shown in ["INV-2026-000042", "27AAPFU0939F1ZV", "Amélie", "A-1, A-2", "₹510.00", "GST 18 %", "₹77.80"]
    {
        assert!(pages[0].contains(shown), "{shown} is missing: {text}");
    }
    assert!(pages[1].contains("CN-2026-000007"), "{text}");
}
