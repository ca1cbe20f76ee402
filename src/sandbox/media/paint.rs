//! Draws: a sky, a sun and hills, all of which follow from the words alone.

use super::answer::Refusal;
use fastrand::Rng;

/// A landscape.
pub struct Scene {
    sky: [[f32; 3]; 2],
    sun: ([f32; 2], f32, [f32; 3]),
    hills: Vec<Hill>,
}

struct Hill {
    height: f32,
    waves: f32,
    phase: f32,
    colour: [f32; 3],
}

/// A number that the words give; the same on every machine (FNV-1a).
pub fn hash(words: &str) -> u64 {
    words.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Scene {
    /// The landscape of these words.
    pub fn of(words: &str) -> Self {
        let mut rng = Rng::with_seed(hash(words));
        let hue = rng.f32();
        let sky = [colour(hue, 0.55, 0.45), colour(hue + 0.12 + rng.f32() * 0.1, 0.45, 0.95)];
        let sun = ([0.2 + rng.f32() * 0.6, 0.2 + rng.f32() * 0.3], 0.06 + rng.f32() * 0.08, colour(hue + 0.5, 0.25, 1.0));
        let ground = hue + 0.3 + rng.f32() * 0.2;
        let hills = (0..3u8).map(|row| Hill {
            height: 0.55 + f32::from(row) * 0.14 + rng.f32() * 0.05,
            waves: 3.0 + rng.f32() * 6.0,
            phase: rng.f32() * 6.3,
            colour: colour(ground + f32::from(row) * 0.04, 0.5, 0.62 - f32::from(row) * 0.16),
        });
        let hills = hills.collect();
        Self { sky, sun, hills }
    }
    /// Red, green and blue of a picture, row by row. `time` moves the sun from 0 to 1; still pictures are of 0.
    pub fn pixels(&self, width: u32, height: u32, time: f32) -> Vec<u8> {
        let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
        let crests = |x: f32| self.hills.iter().map(move |hill| hill.height + 0.05 * (x * hill.waves + hill.phase).sin());
        let columns: Vec<Vec<f32>> = (0..width).map(|x| crests(x as f32 / width as f32).collect()).collect();
        let aspect = width as f32 / height as f32;
        for row in 0..height {
            let y = row as f32 / height as f32;
            for (column, crests) in columns.iter().enumerate() {
                let rgb = self.at(column as f32 / width as f32, y, aspect, crests, time);
                pixels.extend(rgb.map(|part| (part * 255.0) as u8));
            }
        }
        pixels
    }
    fn at(&self, x: f32, y: f32, aspect: f32, crests: &[f32], time: f32) -> [f32; 3] {
        // the hill in front is the last
        if let Some((hill, _)) = self.hills.iter().zip(crests).rev().find(|(_, crest)| y > **crest) {
            return hill.colour;
        }
        let ([left, top], radius, colour) = self.sun;
        let (dx, dy) = ((x - left - time * 0.3) * aspect.max(1.0), (y - top + time * 0.1) / aspect.min(1.0));
        if dx * dx + dy * dy < radius * radius {
            return colour;
        }
        let [above, below] = self.sky;
        std::array::from_fn(|part| above[part] + (below[part] - above[part]) * y)
    }
}

/// From hue, saturation and value, each from 0 to 1.
fn colour(hue: f32, saturation: f32, value: f32) -> [f32; 3] {
    [5.0, 3.0, 1.0].map(|shift: f32| {
        let k = (shift + hue.fract() * 6.0) % 6.0;
        value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0)
    })
}

/// A PNG of these words.
pub fn picture(words: &str, width: u32, height: u32) -> Result<Vec<u8>, Refusal> {
    let pixels = Scene::of(words).pixels(width, height, 0.0);
    encode(&pixels, width, height).map_err(|error| Refusal::new(500, "internal-error", format!("The picture could not be made: {error}")))
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = vec![];
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}
