//! The page `/docs`: what `/openapi.json` says, for people. It is made once, when the server starts.

mod schema;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

/// The style of the page.
pub(crate) const STYLE: &str = include_str!("style.css");

/// How a request can be made, in the order in which it is shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page.
pub(crate) fn page(api: &Value) -> String {
    let operations = operations(api);
    let info = &api["info"];
    let schemas = api["components"]["schemas"].as_object();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (text(&info["title"])) ": the interface" }
                link rel="stylesheet" href="/docs.css";
            }
            body {
                a.skip href="#operations" { "Skip to the requests" }
                header {
                    h1 { (text(&info["title"])) ": the interface" }
                    p { (text(&info["description"])) }
                    p {
                        "For programs: " a href="/openapi.json" { "openapi.json" } ". For people: "
                        a href="/" { "the page" } "."
                    }
                }
                nav aria-label="Requests" {
                    @for (tag, of_tag) in by_tag(&operations) {
                        h2 { (tag) }
                        ul {
                            @for operation in of_tag {
                                li { a href={ "#" (operation.id()) } { (operation.name()) } " " (operation.summary()) }
                            }
                        }
                    }
                }
                main id="operations" {
                    h2 { "Requests" }
                    @for operation in &operations { (operation.shown()) }
                    h2 { "Documents" }
                    @for (name, schema) in schemas.into_iter().flatten() {
                        section id={ "schema-" (name) } { h3 { (name) } (schema::document(schema)) }
                    }
                }
            }
        }
    };
    page.into_string()
}

/// A way to ask.
struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    said: &'a Value,
}

/// All of them, in the order of their paths.
fn operations(api: &Value) -> Vec<Operation<'_>> {
    let paths = api["paths"].as_object().into_iter().flatten();
    let of_path = |(path, methods): (_, _)| METHODS.map(|method| (path, method, methods));
    let all = paths.flat_map(|(path, methods): (&String, &Value)| of_path((path, methods)));
    all.filter_map(|(path, method, methods)| {
        let said = methods.get(method)?;
        Some(Operation { method, path, said })
    })
    .collect()
}

/// The operations under their tags, in the order in which these appear.
fn by_tag<'a, 'b>(all: &'b [Operation<'a>]) -> Vec<(&'a str, Vec<&'b Operation<'a>>)> {
    let mut tags: Vec<(&str, Vec<&Operation<'_>>)> = Vec::new();
    for operation in all {
        let tag = text(&operation.said["tags"][0]);
        match tags.iter_mut().find(|(known, _)| *known == tag) {
            Some((_, of_tag)) => of_tag.push(operation),
            None => tags.push((tag, vec![operation])),
        }
    }
    tags
}

impl Operation<'_> {
    fn id(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let path: String = self.path.chars().map(plain).collect();
        format!("{}{path}", self.method)
    }

    fn name(&self) -> Markup {
        html! { code { b { (self.method.to_uppercase()) } " " (self.path) } }
    }

    fn summary(&self) -> &str {
        text(&self.said["summary"])
    }

    fn shown(&self) -> Markup {
        let parameters = self.said["parameters"].as_array();
        let bodies = self.said["requestBody"]["content"].as_object();
        let responses = self.said["responses"].as_object();
        html! {
            section id=(self.id()) {
                h3 { (self.name()) }
                p { b { (self.summary()) } }
                (paragraphs(&self.said["description"]))
                @if let Some(parameters) = parameters {
                    table {
                        caption { "Parameters" }
                        thead { tr { th scope="col" { "name" } th scope="col" { "in" } th scope="col" { "kind" } th scope="col" { "what it says" } } }
                        tbody {
                            @for parameter in parameters {
                                tr {
                                    th scope="row" { code { (text(&parameter["name"])) } (schema::needed(parameter["required"] == true)) }
                                    td { (text(&parameter["in"])) }
                                    td { (schema::kind(&parameter["schema"])) }
                                    td { (text(&parameter["description"])) }
                                }
                            }
                        }
                    }
                }
                @if let Some(bodies) = bodies {
                    p {
                        "Body: "
                        @for (at, (kind, body)) in bodies.iter().enumerate() {
                            @if at > 0 { ", or " }
                            code { (kind) } " with " (schema::kind(&body["schema"]))
                        }
                    }
                }
                @if let Some(responses) = responses {
                    dl {
                        @for (status, response) in responses {
                            dt { @if status == "default" { "else" } @else { (status) } }
                            dd {
                                (text(&response["description"]))
                                @for (kind, body) in response["content"].as_object().into_iter().flatten() {
                                    " " code { (kind) } " with " (schema::kind(&body["schema"]))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Text with what stands between backticks as code.
fn paragraphs(value: &Value) -> Markup {
    html! { @for paragraph in text(value).split("\n\n").filter(|one| !one.is_empty()) { p { (marked(paragraph)) } } }
}

fn marked(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Nothing.
fn nothing() -> Markup {
    PreEscaped(String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_described_is_shown_and_every_link_leads_somewhere() {
        let api = crate::server::openapi();
        let page = page(&api);
        for operation in operations(&api) {
            assert!(
                page.contains(&format!("id=\"{}\"", operation.id())),
                "{}",
                operation.id()
            );
        }
        let links = page.split("href=\"#").skip(1);
        let places = links.map(|rest| rest.split('"').next().unwrap());
        for place in places {
            assert!(page.contains(&format!("id=\"{place}\"")), "{place}");
        }
        // Nothing comes from elsewhere, and nothing runs.
        assert!(
            !page.contains("http://") && !page.contains("https://") && !page.contains("<script")
        );
        assert!(page.len() < 400_000, "{}", page.len());
    }

    #[test]
    fn what_is_described_cannot_become_markup() {
        let api = serde_json::json!({
            "info": { "title": "<em>" },
            "paths": { "/<i>": { "get": { "summary": "<s>", "tags": ["<u>"] } } },
            "components": { "schemas": { "X": { "type": "object", "properties": { "<p>": { "type": "<q>" } } } } }
        });
        let page = page(&api);
        for tag in ["<em>", "<i>", "<s>", "<u>", "<q>"] {
            assert!(!page.contains(tag), "{tag}");
        }
    }
}
