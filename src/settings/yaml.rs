//! YAML as Hermes Agent reads it: of two equal keys the last counts, and `${NAME}` in a text stands for a variable.

use serde::{
    Deserialize, Deserializer,
    de::{EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor},
};
use serde_yaml::{Mapping, Value};
use std::{cell::RefCell, fmt};

thread_local! {
    /// Keys that stood there twice, in the text that is being read.
    static TWICE: RefCell<Vec<String>> = const { RefCell::new(vec![]) };
}

/// Reads a text; gives the keys that stand twice in one mapping, too. The error is the end of a sentence.
pub fn parse(text: &str) -> Result<(Value, Vec<String>), String> {
    TWICE.take();
    let read = serde_yaml::from_str::<Lenient>(text.trim_start_matches('\u{feff}'));
    let twice = TWICE.take();
    let mut root = read.map_err(|e| e.to_string())?.0;
    root.apply_merge().map_err(|e| e.to_string())?;
    Ok((root, twice))
}

/// Puts variables in the place of `${NAME}`; unknown names stay as they are.
pub fn expand(value: &mut Value, variable: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) if text.contains("${") => *text = expanded(text, variable),
        Value::Sequence(items) => items.iter_mut().for_each(|item| expand(item, variable)),
        Value::Mapping(mapping) => mapping.iter_mut().for_each(|(_, value)| expand(value, variable)),
        _ => {}
    }
}

fn expanded(text: &str, variable: &impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let name = rest[at + 2..].split_once('}').map(|(name, _)| name);
        let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match name.filter(is_name).and_then(|name| Some((name, variable(name)?))) {
            Some((name, value)) => {
                out.push_str(&value);
                rest = &rest[at + 3 + name.len()..];
            }
            None => {
                out.push_str("${");
                rest = &rest[at + 2..];
            }
        }
    }
    out + rest
}

/// A value whose mappings may hold a key twice.
struct Lenient(Value);

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Lenient)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Lenient::deserialize(deserializer).map(|value| value.0)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = vec![];
        while let Some(Lenient(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Sequence(all))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut mapping = Mapping::new();
        while let Some((Lenient(key), Lenient(value))) = entries.next_entry()? {
            let name = key.as_str().map(str::to_string);
            if mapping.insert(key, value).is_some()
                && let Some(name) = name
            {
                TWICE.with_borrow_mut(|twice| twice.push(name));
            }
        }
        Ok(Value::Mapping(mapping))
    }
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        // a tag says nothing to us
        let (_, contents) = data.variant::<String>()?;
        contents.newtype_variant::<Lenient>().map(|value| value.0).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        let (root, twice) = parse("a: {x: 1, y: 2}\nb: 1\nb: 2\nc:\n  d: 1\n  d: [1, {e: 1, e: 3}]\n").unwrap();
        assert_eq!((root["b"].as_i64(), root["c"]["d"][1]["e"].as_i64(), root["a"]["y"].as_i64()), (Some(2), Some(3), Some(2)));
        assert_eq!(twice, ["b", "e", "d"]);
        assert_eq!(parse("a: !tag 3\nb: !tag {c: 1}\n").unwrap().0["b"]["c"].as_i64(), Some(1));
        assert_eq!(parse("base: &b {x: 1}\nd:\n  <<: *b\n  y: 2\n").unwrap().0["d"]["x"].as_i64(), Some(1));
        assert!(parse("a: [1\n").is_err());
    }

    #[test]
    fn variables_stand_in_texts() {
        let variable = |name: &str| (name == "KEY").then(|| "k".to_string());
        for (text, want) in [("${KEY}", "k"), ("a ${KEY}b", "a kb"), ("${NO}", "${NO}"), ("${KEY", "${KEY"), ("$KEY ${}", "$KEY ${}")] {
            assert_eq!(expanded(text, &variable), want);
        }
    }
}
