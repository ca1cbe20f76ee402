//! What needs no server: containers and codes.

use super::super::{
    answer,
    checks::sides,
    h264,
    made::File,
    mp3,
    mp4::{self, be32, boxes, find},
    probe, sound,
    state::State,
};

fn inside<'a>(bytes: &'a [u8], path: &[&[u8]]) -> &'a [u8] {
    path.iter().fold(bytes, |bytes, name| find(bytes, name).unwrap_or_else(|| panic!("no {}", String::from_utf8_lossy(name))))
}

/// The boxes fill these bytes to the last one.
fn whole(bytes: &[u8]) {
    let size: usize = boxes(bytes).map(|(_, inside)| inside.len() + 8).sum();
    assert_eq!(size, bytes.len());
}

#[test]
fn a_film_is_a_whole_container() {
    let film = h264::film("A boat", (256, 144), 3.0);
    whole(&film);
    let names: Vec<&[u8]> = boxes(&film).map(|(name, _)| name).collect();
    assert_eq!(names, [&b"ftyp"[..], b"moov", b"mdat"]);
    let movie = find(&film, b"moov").unwrap();
    for path in [&[&b"trak"[..]][..], &[b"trak", b"mdia"], &[b"trak", b"mdia", b"minf"], &[b"trak", b"mdia", b"minf", b"stbl"]] {
        whole(inside(movie, path));
    }
    assert_eq!(boxes(movie).filter(|(name, _)| *name == b"trak").count(), 1);
    assert_eq!((inside(movie, &[b"mvhd"]).len(), inside(movie, &[b"trak", b"tkhd"]).len()), (100, 84));
    let place = inside(movie, &[b"trak", b"tkhd"]);
    assert_eq!((be32(place, 76), be32(place, 80)), (Some(256 << 16), Some(144 << 16)));
    assert_eq!(mp4::seconds(&film), Some(3.0));
}

#[test]
fn samples_lie_where_the_table_says() {
    let film = h264::film("A boat", (256, 144), 3.0);
    let table = inside(&film, &[b"moov", b"trak", b"mdia", b"minf", b"stbl"]);
    let sizes = find(table, b"stsz").unwrap();
    let count = be32(sizes, 8).unwrap() as usize;
    assert_eq!(count, 6);
    let mut at = be32(find(table, b"stco").unwrap(), 8).unwrap() as usize;
    for number in 0..count {
        let size = be32(sizes, 12 + number * 4).unwrap();
        assert_eq!(be32(&film, at), Some(size - 4), "the unit fills the sample");
        assert_eq!(film[at + 4], 0x65);
        // 144 blocks of 384 samples, each with two bytes before it, and a head
        assert!((144 * 386..144 * 386 + 16).contains(&(size as usize)), "{size}");
        at += size as usize;
    }
    assert_eq!(at, film.len());
    let entry = find(table, b"stsd").unwrap().get(8..).unwrap();
    let (name, described) = boxes(entry).next().unwrap();
    assert_eq!(name, b"avc1");
    let settings = find(&described[78..], b"avcC").unwrap();
    assert_eq!((settings[0], settings[1], settings[8]), (1, 66, 0x67));
}

#[test]
fn films_follow_their_words() {
    let film = |words| h264::film(words, (64, 64), 1.0);
    assert_eq!(film("a"), film("a"));
    assert_ne!(film("a"), film("b"));
    assert_eq!(mp4::seconds(&h264::film("a", (7, 10_000), 0.0)), Some(0.5), "odd sizes do no harm");
}

#[test]
fn broken_containers_are_no_films() {
    let film = h264::film("a", (16, 16), 1.0);
    for length in 0..film.len().min(600) {
        assert_eq!(mp4::seconds(&film[..length]), None, "{length}");
    }
    assert_eq!(mp4::seconds(&[0, 0, 0, 1, b'f', b't', b'y', b'p', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), None);
}

#[test]
fn silence_has_whole_frames_at_every_rate() {
    for rate in [8_000, 16_000, 22_050, 24_000, 44_100, 48_000] {
        for bits in [32_000, 64_000, 96_000, 128_000, 192_000] {
            let bytes = mp3::silence(rate, bits, 1.0);
            let seconds = mp3::seconds(&bytes).unwrap();
            assert!((1.0..1.08).contains(&seconds), "{rate} {bits}: {seconds}");
            let real = bytes.len() as f64 * 8.0 / seconds;
            let wanted = f64::from(if rate < 32_000 { bits.min(160_000) } else { bits });
            assert!((real / wanted - 1.0).abs() < 0.02, "{rate} {bits}: {real}");
        }
    }
    // MPEG 2, layer III, 128 kbit, 24 kHz, one channel
    assert_eq!(mp3::silence(24_000, 128_000, 0.1)[..4], [0xff, 0xf3, 0xc4, 0xc0]);
    assert_eq!(mp3::silence(44_100, 128_000, 0.1)[..4], [0xff, 0xfb, 0x90, 0xc0]);
}

#[test]
fn telephones_have_their_codes() {
    assert_eq!([0, i16::MAX, i16::MIN, -1].map(sound::mulaw), [0xff, 0x80, 0x00, 0x7f]);
    assert_eq!([0, i16::MAX, i16::MIN, -1].map(sound::alaw), [0xd5, 0xaa, 0x2a, 0x55]);
    // neighbours of the edges between segments
    assert_eq!([255, 256, 511, 512].map(sound::alaw), [0xda, 0xc5, 0xca, 0xf5]);
}

#[test]
fn recordings_are_known_by_their_bytes() {
    let kind = |bytes: &[u8]| probe::file(bytes).map(|recording| (recording.kind, recording.seconds));
    let mut flac = b"fLaC\0\0\0\x22".to_vec();
    flac.extend([0; 10]);
    // 44,100 Hz, 2 channels of 16 bits, 88,200 samples
    flac.extend([0x0a, 0xc4, 0x42, 0xf0, 0x00, 0x01, 0x58, 0x88]);
    assert_eq!(kind(&flac), Some(("flac", 2.0)));
    let mut opus = b"OggS\0\x02\0\0\0\0\0\0\0\0........OpusHead".to_vec();
    opus.extend(b"OggS\0\x04\x80\xbb\0\0\0\0\0\0");
    assert_eq!(kind(&opus), Some(("opus", 1.0)));
    assert_eq!(kind(&[0x1a, 0x45, 0xdf, 0xa3]).map(|known| known.0), Some("mkv"));
    let mut frame = vec![0xff, 0xf1, 0x50, 0x80, 0x01, 0x3f, 0xfc];
    frame.extend([0; 2]);
    assert_eq!(kind(&frame.repeat(10)), Some(("aac", 10.0 * 1024.0 / 44_100.0)));
    assert_eq!(kind(b"ID3\x04\0\0\0\0\0\0").map(|known| known.0), Some("mp3"));
    assert_eq!((kind(b"%PDF-1.7"), kind(b""), kind(b"RIFF....WAVEfmt ")), (None, None, None));
    let mut wav = sound::wav(&[0; 800], 8_000);
    assert_eq!(probe::file(&wav).map(|recording| (recording.seconds, recording.silent)), Some((0.1, true)));
    wav[40..44].copy_from_slice(&[0xff; 4]);
    assert_eq!(kind(&wav), Some(("wav", 0.1)), "a recorder was interrupted");
    wav[16..20].copy_from_slice(&[0xff; 4]);
    assert_eq!(kind(&wav), None);
}

#[test]
fn shapes_have_sides() {
    assert_eq!((sides("16:9", 512), sides("2:3", 512), sides("auto", 512)), ((512, 288), (342, 512), (512, 512)));
    assert_eq!((sides("0:1", 64), sides("1:1000000", 64)), ((64, 64), (16, 64)));
}

#[test]
fn the_oldest_files_go_first() {
    let state = State::default();
    let file = File { kind: "image/png", bytes: vec![0; 50 << 20].into() };
    for id in ["a", "b", "c"] {
        state.keep(id.into(), file.clone());
    }
    assert_eq!(["a", "b", "c"].map(|id| state.file(id).is_some()), [false, true, true]);
    assert!(state.own("https://example.org/v1/sandbox/files/b").is_some_and(|found| found.is_ok()));
    assert!(state.own("https://example.org/x/v1/sandbox/files/b").is_none() && state.own("https://example.org").is_none());
}

#[test]
fn ids_look_like_uuids() {
    let id = answer::id();
    assert_eq!((id.len(), id.matches('-').count(), &id[14..15]), (36, 4, "4"));
    assert_ne!(id, answer::id());
}
