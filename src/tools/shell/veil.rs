//! Masks secrets in an output as it comes, before anything keeps it. A secret that comes in pieces is masked, too: what could be the
//! beginning of one waits for what follows.

use crate::services::secrets::Secrets;
use std::sync::Arc;

/// Between a command and whoever keeps its output.
pub(crate) struct Veil {
    secrets: Arc<Secrets>,
    waits: Vec<u8>,
}

impl Veil {
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self { secrets, waits: vec![] }
    }

    /// What may be kept, now that these have come.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.waits.extend_from_slice(bytes);
        let begun = self.secrets.begun(&self.waits);
        let rest = self.waits.split_off(self.waits.len() - begun);
        self.secrets.mask_bytes(&std::mem::replace(&mut self.waits, rest))
    }

    /// What is left when nothing more comes.
    pub fn finish(&mut self) -> Vec<u8> {
        self.secrets.mask_bytes(&std::mem::take(&mut self.waits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    #[test]
    fn a_secret_is_masked_however_it_comes() {
        let secrets = Arc::new(Secrets::default());
        secrets.learn(&Secret::new("hunter22-hunter33"));
        secrets.learn(&Secret::new("hunter22"));
        let text = b"a hunter22-hunter33 b hunter22 c hunter22-hunter3 \xff\0 hunt";
        for size in 1..=text.len() {
            let mut veil = Veil::new(secrets.clone());
            let mut out: Vec<u8> = text.chunks(size).flat_map(|piece| veil.push(piece)).collect();
            assert!(size > 1 || out.ends_with(b" "), "what may be the beginning of one waits");
            out.extend(veil.finish());
            assert_eq!(out, "a ••• b ••• c •••-hunter3 ".bytes().chain(*b"\xff\0 hunt").collect::<Vec<u8>>(), "{size}");
        }
    }
}
