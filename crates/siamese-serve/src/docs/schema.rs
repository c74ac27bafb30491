//! Documents of the interface: what they have, in words.

use maud::{Markup, html};
use serde_json::Value;

use super::{marked, nothing, paragraphs, text};

/// What a schema allows, in a few words; documents with a name are linked.
pub(super) fn kind(schema: &Value) -> Markup {
    if let Some(name) = text(&schema["$ref"])
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
    {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(several) = schema[several].as_array() {
            return html! {
                @for (at, one) in several.iter().enumerate() {
                    @if at > 0 { " or " }
                    (kind(one))
                }
            };
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return html! {
            @for (at, value) in values.iter().enumerate() {
                @if at > 0 { ", " }
                code { (text(value)) }
            }
        };
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect(),
        one => vec![text(one)],
    };
    html! {
        @for (at, one) in types.iter().enumerate() {
            @if at > 0 { " or " }
            @if *one == "array" { "list of " (kind(&schema["items"])) } @else if one.is_empty() { "anything" } @else { (one) }
        }
        @for limit in limits(schema) { ", " (limit) }
    }
}

/// The limits of a value.
fn limits(schema: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for (name, words) in [
        ("minimum", "at least"),
        ("exclusiveMinimum", "above"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "below"),
        ("minLength", "characters: at least"),
        ("maxLength", "characters: at most"),
        ("minItems", "entries: at least"),
        ("maxItems", "entries: at most"),
    ] {
        if let Some(limit) = schema.get(name) {
            all.push(format!("{words} {limit}"));
        }
    }
    let encoding = text(&schema["contentEncoding"]);
    if !encoding.is_empty() {
        all.push(encoding.to_owned());
    }
    all
}

/// Said of what cannot be left out.
pub(super) fn needed(is: bool) -> Markup {
    match is {
        true => html! { " " small { "required" } },
        false => nothing(),
    }
}

/// What a document has.
pub(super) fn document(schema: &Value) -> Markup {
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let parts: Vec<&Value> = parts.chain([schema]).collect();
    let properties = |part: &'_ Value| part["properties"].as_object().cloned().unwrap_or_default();
    let has_any = parts.iter().any(|part| !properties(part).is_empty());
    html! {
        (paragraphs(&schema["description"]))
        @if has_any {
            table {
                thead { tr { th scope="col" { "name" } th scope="col" { "kind" } th scope="col" { "what it says" } } }
                tbody {
                    @for part in parts {
                        @for (name, property) in properties(part) {
                            tr {
                                th scope="row" { code { (name) } (needed(requires(part, &name))) }
                                td { (kind(&property)) }
                                td { (marked(text(&property["description"]))) }
                            }
                        }
                        @if part.get("$ref").is_some() { tr { td colspan="3" { "all of " (kind(part)) } } }
                    }
                }
            }
        } @else {
            p { (kind(schema)) }
        }
    }
}

fn requires(schema: &Value, name: &str) -> bool {
    let required = schema["required"].as_array().into_iter().flatten();
    required.into_iter().any(|one| one == name)
}
