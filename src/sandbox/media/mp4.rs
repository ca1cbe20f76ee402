//! A container for films: boxes in boxes, each with its size and name.

/// A track of H.264.
pub struct Track<'a> {
    /// The parameters of the sequence.
    pub sequence: &'a [u8],
    /// The parameters of its pictures.
    pub pictures: &'a [u8],
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    /// Units, one for each frame.
    pub frames: &'a [Vec<u8>],
    /// How long each is shown.
    pub milliseconds: u32,
}

/// Milliseconds are what times are counted in.
const SCALE: u32 = 1000;
/// One to one: nothing is turned or stretched.
const MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// The whole file. What describes the film comes before it, so that it can be shown while it loads.
pub fn film(track: &Track) -> Vec<u8> {
    let kinds = block(b"ftyp", &[b"isom", &be(&[0x200]), b"isomiso2avc1mp41"]);
    let mut data = vec![];
    for frame in track.frames {
        data.extend(be(&[frame.len() as u32]));
        data.extend(frame);
    }
    // where the data begins doesn't change the size of what says so
    let start = kinds.len() + movie(track, 0).len() + 8;
    [kinds, movie(track, start as u32), block(b"mdat", &[&data])].concat()
}

fn movie(track: &Track, start: u32) -> Vec<u8> {
    let length = track.frames.len() as u32 * track.milliseconds;
    let head = [&be(&[0, 0, 0, SCALE, length, 0x1_0000, 0x100_0000, 0, 0])[..], &be(&MATRIX), &[0; 24], &be(&[2])].concat();
    let place = [&be(&[7, 0, 0, 1, 0, length, 0, 0, 0, 0])[..], &be(&MATRIX)].concat();
    let sides = be(&[u32::from(track.width) << 16, u32::from(track.height) << 16]);
    let media = block(
        b"mdia",
        &[
            // no language: `und`
            &block(b"mdhd", &[&be(&[0, 0, 0, SCALE, length, 0x55c4_0000])]),
            &block(b"hdlr", &[&be(&[0, 0]), b"vide", &[0; 12], b"VideoHandler\0"]),
            &block(
                b"minf",
                &[
                    &block(b"vmhd", &[&be(&[1, 0, 0])]),
                    &block(b"dinf", &[&block(b"dref", &[&be(&[0, 1]), &block(b"url ", &[&be(&[1])])])]),
                    &table(track, start),
                ],
            ),
        ],
    );
    block(b"moov", &[&block(b"mvhd", &[&head]), &block(b"trak", &[&block(b"tkhd", &[&place, &sides]), &media])])
}

/// Which sample is where, and how long it is shown.
fn table(track: &Track, start: u32) -> Vec<u8> {
    let count = track.frames.len() as u32;
    let sizes: Vec<u32> = track.frames.iter().map(|frame| frame.len() as u32 + 4).collect();
    block(
        b"stbl",
        &[
            &block(b"stsd", &[&be(&[0, 1]), &entry(track)]),
            &block(b"stts", &[&be(&[0, 1, count, track.milliseconds])]),
            &block(b"stsc", &[&be(&[0, 1, 1, count, 1])]),
            &block(b"stsz", &[&be(&[0, 0, count]), &be(&sizes)]),
            &block(b"stco", &[&be(&[0, 1, start])]),
        ],
    )
}

fn entry(track: &Track) -> Vec<u8> {
    let sides = [track.width.to_be_bytes(), track.height.to_be_bytes()].concat();
    let long = |bytes: &[u8]| (bytes.len() as u16).to_be_bytes();
    // profile, compatibility and level are the first bytes of the sequence; sizes of units have four bytes
    let profile = track.sequence.get(1..4).unwrap_or(&[66, 192, 30]);
    let settings =
        block(b"avcC", &[&[1], profile, &[0xff, 0xe1], &long(track.sequence), track.sequence, &[1], &long(track.pictures), track.pictures]);
    let before = [&be(&[0])[..], &[0, 0, 0, 1], &[0; 16]].concat();
    let after = [&be(&[0x48_0000, 0x48_0000, 0])[..], &[0, 1], &[0; 32], &[0, 0x18, 0xff, 0xff]].concat();
    block(b"avc1", &[&before, &sides, &after, &settings])
}

fn block(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let inside = parts.concat();
    [&be(&[inside.len() as u32 + 8])[..], name, &inside].concat()
}

fn be(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The number at this place.
pub fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(four.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// The boxes that lie side by side in these bytes, until one is broken.
pub fn boxes(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let size = be32(rest, 0)? as usize;
        let name = rest.get(4..8)?;
        let (inside, next) = match size {
            // to the end
            0 => (rest.get(8..)?, &[][..]),
            1 => {
                let size = usize::try_from(u64::from(be32(rest, 8)?) << 32 | u64::from(be32(rest, 12)?)).ok()?;
                (rest.get(16..size)?, rest.get(size..)?)
            }
            _ => (rest.get(8..size)?, rest.get(size..)?),
        };
        rest = next;
        Some((name, inside))
    })
}

/// What is in the first box of this name.
pub fn find<'a>(bytes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    boxes(bytes).find(|(known, _)| *known == name).map(|(_, inside)| inside)
}

/// How long a film or a recording is; none when it is no MP4.
pub fn seconds(bytes: &[u8]) -> Option<f64> {
    find(bytes, b"ftyp")?;
    let head = find(find(bytes, b"moov")?, b"mvhd")?;
    // times have eight bytes in version 1
    let (scale, length) = match head.first()? {
        1 => (be32(head, 20)?, f64::from(be32(head, 24)?) * 4_294_967_296.0 + f64::from(be32(head, 28)?)),
        _ => (be32(head, 12)?, f64::from(be32(head, 16)?)),
    };
    (scale > 0).then(|| length / f64::from(scale))
}
