//! Model types that are declared: those that are built in, and one's own.

use std::fs;
use std::path::Path;

use cost_core::Options;
use cost_models::report::{Report, report};
use cost_models::{Family, Model, Reading, Workload, catalogue};

/// An invented type that is Llama with names of its own for some fields.
const OWN: &str = r#"
types = "mine"
like = "llama"

[sizes]
d = "width"
f = { size = "ffn_width", default = "4 * d" }
layers = "depth"
"#;

/// The same from nothing.
const WHOLE: &str = r#"
types = "mine"
mixers = [{ block = "SelfAttention" }]
networks = [{ block = "FeedForward" }]
layers.count = "depth"
[sizes]
d = "width"
n = "num_key_value_heads"
g = { of = "heads / n" }
k = { of = "d / heads" }
f = "ffn_width"
v = "vocab_size"
heads = "num_attention_heads"
depth = "depth"
"#;

/// Mamba layers, attention in every eighth, mixtures in every other.
const HYBRID: &str = r#"
types = "mixed"
mixers = [
    { name = "attention", block = "SelfAttention", layers = "layer % 8 == offset" },
    { name = "mamba", label = "mamba", block = "Mamba2Mixer", g = "groups", h = "mamba_h", p = "head", n = "state", w = "taps", conv_bias = 1 },
]
networks = [
    { block = "FeedForward" },
    { label = "sparse", block = "MoeFeedForward", layers = "layer % 2 == 1" },
]
layers = { count = "depth", mixers = "layer_types" }

[sizes]
d = "hidden_size"
heads = "num_attention_heads"
n = { size = "num_key_value_heads", default = "heads" }
g = { of = "heads / n" }
k = { of = "d / heads" }
f = "intermediate_size"
e = "num_experts"
top = { size = "num_experts_per_tok", most = "e" }
m = "expert_width"
v = "vocab_size"
depth = "num_hidden_layers"
offset = { count = "attention_offset", default = 4 }
groups = { size = "mamba_groups", default = 1 }
head = { size = "mamba_head_dim", default = 64 }
inner = { of = "2 * d" }
mamba_heads = { of = "inner / head" }
mamba_h = { of = "mamba_heads / groups" }
state = { size = "mamba_state", default = 128 }
taps = { size = "mamba_conv", default = 4 }
"#;

const LLAMA: &str = r#"{"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
    "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256, "tie_word_embeddings": false}"#;

fn mine() -> String {
    let renamed = LLAMA.replace("hidden_size", "width").replace("num_hidden_layers", "depth");
    renamed.replace("intermediate_size", "ffn_width").replace("\"llama\"", "\"mine\"")
}

fn read(declaration: &str, config: &str) -> Result<Model, String> {
    let family = Family::parse(declaration, vec![]).map_err(|error| error.to_string())?;
    let reading = Reading { family: Some(family.into()), ..Reading::default() };
    Model::from_config_as("it", config, &reading).map_err(|error| error.to_string())
}

fn counted(model: &Model) -> Report {
    report(model, &Workload::decode(2, 100), &Options::default(), &[]).unwrap()
}

#[test]
fn a_type_of_ones_own_is_equal_to_the_one_built_in() {
    let built_in = counted(&Model::from_config("it", LLAMA).unwrap());
    for declaration in [OWN, WHOLE] {
        assert!(declaration.trim().lines().count() <= 15);
        let config = mine().replace(
            ", \"tie_word_embeddings\": false",
            if declaration == OWN { ", \"tie_word_embeddings\": false" } else { "" },
        );
        let own = counted(&read(declaration, &config).unwrap());
        let shown = |of: &Report| serde_json::to_value((&of.params, &of.bytes, &of.kernels)).unwrap();
        assert_eq!(shown(&own), shown(&built_in));
    }
}

#[test]
fn a_hybrid_type_in_forty_lines() {
    assert!(HYBRID.trim().lines().count() <= 40);
    let config = r#"{"model_type": "mixed", "hidden_size": 256, "num_hidden_layers": 16, "num_attention_heads": 4,
        "num_key_value_heads": 2, "intermediate_size": 512, "num_experts": 8, "num_experts_per_tok": 2,
        "expert_width": 64, "vocab_size": 1000}"#;
    let model = read(HYBRID, config).unwrap();
    let layers: Vec<(&str, &[u64])> = model.layers.iter().map(|(label, at)| (label.as_str(), &**at)).collect();
    let expected: [(&str, &[u64]); 3] =
        [("", &[4, 12]), ("mamba", &[0, 2, 6, 8, 10, 14]), ("mamba_sparse", &[1, 3, 5, 7, 9, 11, 13, 15])];
    assert_eq!(layers, expected);
    let params = counted(&model).params;
    // Attention of 2 layers: queries and results of 4 heads of 64, keys and values of 2 of them, over a width of 256; a mixer of 14:
    // 512 values and gates, 2 · 128 of its group and 8 steps in, 512 out, taps and biases of 768 channels, 3 · 8 of its heads, a
    // norm of 512. Of each layer a norm before either half; one after all.
    let attention = 2 * (2 * 256 * 256 + 2 * 256 * 128);
    let mixers = 14 * (256 * (2 * 512 + 2 * 128 + 8) + 512 * 256 + 5 * (512 + 2 * 128) + 3 * 8 + 512);
    // 8 dense networks; 8 mixtures of 8 experts with a router.
    let networks = 8 * 3 * 256 * 512 + 8 * (8 * 3 * 256 * 64 + 256 * 8);
    assert_eq!(params.total, attention + mixers + networks + 33 * 256 + 2 * 1000 * 256);
}

/// What is wrong, and what is said of it.
#[test]
fn wrong_declarations_are_refused() {
    let cases = [
        ("types = \"mine\"", "types = ", "line 2"),
        (
            "block = \"SelfAttention\"",
            "block = \"SelfAtention\"",
            "line 3, column 21: unknown block `SelfAtention` (did you mean `SelfAttention`?)",
        ),
        (
            "block = \"SelfAttention\"",
            "block = \"SelfAttention\", q = 1",
            "line 3, column 38: unknown axis of SelfAttention `q`",
        ),
        (
            "layers.count = \"depth\"",
            "layers.count = \"dept\"",
            "line 5, column 16: unknown name `dept` (did you mean `depth`?)",
        ),
        (
            "\"heads / n\"",
            "\"heads / \"",
            "line 9, column 12: in \"heads / \": it ends where a number, a name or `(` was expected",
        ),
        ("\"heads / n\"", "\"g\"", "`g` is read in terms of itself"),
        ("f = \"ffn_width\"", "f = { sise = \"ffn_width\" }", "line 11, column 5: what is it read from?"),
        (
            "f = \"ffn_width\"",
            "f = { size = \"ffn_width\", mist = 1 }",
            "line 11, column 27: unknown key `mist` (did you mean `most`?)",
        ),
        ("f = \"ffn_width\"", "", "axis f of FeedForward: found nothing, expected a size of that name"),
        (
            "f = \"ffn_width\"",
            "f = \"ffn_width\"\nt = 1",
            "line 12, column 1: `t` has a meaning of its own: all tokens",
        ),
        ("f = \"ffn_width\"", "f = \"ffn_width\"\nf = 1", "line 12, column 1: duplicate key"),
        (
            "v = \"vocab_size\"",
            "",
            "axis v: found nothing, expected a size of that name in the declaration, as the frame Decoder has",
        ),
        (
            "mixers = [{ block = \"SelfAttention\" }]",
            "mixers = [{ block = \"SelfAttention\", layers = \"layer > 0\" }]",
            "layer 0: found no block, expected one of SelfAttention where layer > 0",
        ),
        (
            "mixers = [{ block = \"SelfAttention\" }]",
            "mixers = [{ block = \"SelfAttention\", layers = \"1\" }, { label = \"x\", block = \"SelfAttention\", layers = \"layer == 3\" }]",
            "layer 3: found SelfAttention where 1 and SelfAttention where layer == 3, expected one of them",
        ),
        (
            "types = \"mine\"",
            "types = \"mine\"\nlike = \"lama\"",
            "line 3, column 8: unknown type `lama` (did you mean `llama`?)",
        ),
        (
            "types = \"mine\"",
            "types = \"mine\"\nframe = \"decodr\"",
            "line 3, column 9: unknown frame `decodr` (did you mean `decoder`?)",
        ),
    ];
    let config = mine().replace(", \"tie_word_embeddings\": false", "");
    for (from, to, expected) in cases {
        assert!(WHOLE.contains(from), "{from}");
        let error = read(&WHOLE.replacen(from, to, 1), &config).map(|model| model.name).expect_err(to);
        assert!(error.contains(expected), "{to}: {error}");
    }
}

/// What a config says that a declaration can't take.
#[test]
fn wrong_configs_name_the_field() {
    let cases = [
        (
            "\"num_key_value_heads\": 8",
            "\"num_key_value_heads\": 7",
            "num_key_value_heads: found 7, expected a divisor of num_attention_heads, which is 32",
        ),
        ("\"depth\": 32", "\"depth\": -1", "depth: found -1, expected a positive whole number"),
        ("\"depth\": 32", "\"depth\": 70000", "depth: found 70000, expected at most 65536"),
        (
            "\"width\": 4096",
            "\"widht\": 4096",
            "width: found nothing, expected a positive whole number (there is a field widht)",
        ),
    ];
    for (from, to, expected) in cases {
        let error = read(OWN, &mine().replacen(from, to, 1)).map(|model| model.name).expect_err(to);
        assert!(error.contains(expected), "{to}: {error}");
    }
}

/// A pattern of letters, repeated lists, layers of one half, sizes from lists, shares and "auto", fields within fields.
#[test]
fn layers_by_letters() {
    const LETTERS: &str = r#"
types = "mixed"
mixers = [
    { name = ["attention", "*"], block = "SelfAttention" },
    { name = ["mamba", "M"], label = "mamba", block = "Mamba2Mixer", g = 1, h = "heads", p = "head", n = "state", w = 4 },
    { name = ["network", "-"], label = "dense", block = "FeedForward", when = "not wide" },
    { name = ["network", "-"], label = "wide", block = "FeedForward", f = "2 * f", when = "wide" },
]
layers = { count = "layers", mixers = ["layer_types", "pattern"] }
[sizes]
d = "hidden_size"
heads = "num_heads"
n = { of = "heads" }
g = { of = "heads / n" }
k = { of = "d / heads" }
inner = { share = "expand", whole = "d", default = 1.5 }
head = { size = "head_dim", default = "inner / heads", auto = "inner / heads" }
state = { size = "ssm.state", default = 16 }
f = "intermediate_size"
v = "vocab_size"
wide = { flag = "wide", default = false }
layers = { length = ["layer_types", "pattern"], default = 1 }
"#;
    let config = |rest: &str| {
        format!(
            r#"{{"model_type": "mixed", "hidden_size": 256, "num_heads": 4, "intermediate_size": 512, "vocab_size": 1000,
            {rest}}}"#
        )
    };
    let layers = |declaration: &str, rest: &str| {
        let model = read(declaration, &config(rest))?;
        Ok::<_, String>(model.layers.iter().map(|(label, at)| (label.clone(), at.clone())).collect::<Vec<_>>())
    };
    let expected = vec![(String::new(), vec![2]), ("mamba".to_owned(), vec![0, 3]), ("dense".to_owned(), vec![1])];
    let list = r#""layer_types": ["mamba", "network", "attention", "mamba"]"#;
    let pattern = r#""pattern": "M-*M""#;
    for rest in [list, pattern, &format!("{list}, {pattern}")] {
        assert_eq!(layers(LETTERS, rest), Ok(expected.clone()), "{rest}");
    }
    let wide = layers(LETTERS, &format!("{pattern}, \"wide\": true")).unwrap();
    assert_eq!(wide.last(), Some(&("wide".to_owned(), vec![1])));
    // Of a mixer: 1.5 · 256 values and gates, 4 steps and 2 inputs of the state; by "auto" the same.
    let params = |rest: &str| counted(&read(LETTERS, &config(rest)).unwrap()).params;
    let auto = params(r#""pattern": "M", "head_dim": "auto", "expand": 1.5, "ssm": {"state": 16}"#);
    assert_eq!(auto.total, params(r#""pattern": "M""#).total);
    assert!(auto.total < params(r#""pattern": "M", "ssm": {"state": 32}"#).total);
    let cases = [
        (r#""pattern": "MX""#, "pattern[1]: found \"X\", expected \"attention\" or \"*\""),
        (r#""layer_types": ["mamba", "mamba"], "pattern": "M-""#, "pattern[1]: found another kind"),
        (r#""pattern": "M", "expand": -1"#, "expand: found -1, expected a positive number"),
    ];
    for (rest, expected) in cases {
        let error = layers(LETTERS, rest).expect_err(rest);
        assert!(error.contains(expected), "{rest}: {error}");
    }
    let cycled = LETTERS.replace("\"pattern\"] }", "\"pattern\"], cycled = true }");
    let cycled = cycled.replace("{ length = [\"layer_types\", \"pattern\"], default = 1 }", "\"depth\"");
    let all = layers(&cycled, &format!("{pattern}, \"depth\": 6")).unwrap();
    assert_eq!(all[1], ("mamba".to_owned(), vec![0, 3, 4]));
}

/// All that is built in is whole: it names blocks, axes and sizes that are there.
#[test]
fn built_in_declarations_are_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cost-models/src/family/builtin");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let family = Family::parse(&fs::read_to_string(&path).unwrap(), vec![]);
        let family = family.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for model_type in family.types() {
            assert!(Family::built_in(model_type).is_some(), "{model_type} of {} is not listed", path.display());
        }
        seen += family.types().len();
    }
    assert_eq!(seen, Family::built_in_types().count());
}

#[test]
fn the_page_of_types_is_current() {
    let page = cost_models::model_types_page().unwrap();
    assert!(page == include_str!("../../MODELS.md"), "run `cargo cost models --types > MODELS.md`");
}

/// A known type as another one, and an unknown one as what is nearest.
#[test]
fn a_type_is_read_like_another() {
    let unknown = LLAMA.replace("\"llama\"", "\"lyra\"");
    let error = Model::from_config("it", &unknown).map(|model| model.name).unwrap_err().to_string();
    // As Llama-3-8B, whose sizes these are.
    let expected = "its fields are nearest to those of \"llama\", like which it would have 8030261248 parameters";
    assert!(error.contains(expected), "{error}");
    let like = Reading { like: Some("llama".to_owned()), ..Reading::default() };
    let model = Model::from_config_as("it", &unknown, &like).unwrap();
    assert_eq!(counted(&model).params.total, 8_030_261_248);
    assert!(model.notes[0].text.contains("model_type \"lyra\" is read as \"llama\""), "{:?}", model.notes);
    let none = Reading { like: Some("lama".to_owned()), ..Reading::default() };
    let error = Model::from_config_as("it", &unknown, &none).map(|model| model.name).unwrap_err().to_string();
    assert!(error.contains("did you mean \"llama\"?"), "{error}");
}

/// Fields of objects, and sizes that differ from layer to layer: as a list, or one number for all.
#[test]
fn sizes_may_differ_between_layers() {
    let declaration = r#"
        types = "odd"
        mixers = [{ block = "SelfAttention", n = "heads", g = 1 }]
        networks = [{ block = "FeedForward" }]
        layers.count = "depth"
        [sizes]
        d = "width"
        k = { size = "attn.head", default = 4 }
        v = "vocab_size"
        depth = "attn.layers"
        [by_layer]
        f = { numbers = "widths", default = "4 * d" }
        heads = { numbers = "attn.heads", default = 1 }
    "#;
    let config = |widths: &str| {
        format!(
            r#"{{"model_type": "odd", "width": 8, "vocab_size": 10, {widths}
                "attn": {{"layers": 3, "heads": [1, 2, 1], "attn_pdrop": 0.1}}}}"#
        )
    };
    // Two norms a layer and one more; embedding and head; queries, keys, values and results of 4 heads of 4; networks.
    let params = |widths: u128| 7 * 8 + 2 * 80 + 4 * 8 * 4 * 4 + 3 * 8 * widths;
    for (given, widths) in [("\"widths\": [16, 8, 16],", 40), ("\"widths\": 16,", 48), ("", 96)] {
        let model = read(declaration, &config(given)).unwrap();
        assert_eq!(counted(&model).params.total, params(widths), "{given}");
        let layers: Vec<(&str, &[u64])> = model.layers.iter().map(|(label, at)| (label.as_str(), &**at)).collect();
        assert_eq!(layers, [("", &[0, 2][..]), ("l_2", &[1])]);
    }
    let wrong = read(declaration, &config("\"widths\": [16, 8],")).map(|model| model.name).unwrap_err();
    assert!(wrong.contains("widths: found 2 entries, expected 3"), "{wrong}");
    let wrong = config("").replace("attn_pdrop\": 0.1", "bias\": true");
    let wrong = read(declaration, &wrong).map(|model| model.name).unwrap_err();
    assert!(wrong.contains("attn.bias: found true, expected no such field"), "{wrong}");
}

/// A formula is over the axes that a model has.
#[test]
fn formulas_have_few_axes() {
    let llama = catalogue::find("llama-2-7b").unwrap();
    let axes: Vec<&str> = llama.fixed().filter(|(_, size)| *size > 1).map(|(axis, _)| axis).collect();
    assert_eq!(axes, ["d", "v", "n", "k", "f", "l"]);
}

/// What stands on top goes by the class, what stands around by a condition.
#[test]
fn classes_say_what_is_on_top() {
    let declaration = r#"
        types = "odd"
        like = "bert"
        frame = [{ frame = "narrow_encoder", when = "e != d" }, "encoder"]
        classes = { start = "Odd", ends = ["Model", "ForMaskedLM", "ForTokenClassification"] }
        [sizes]
        e = { size = "narrow", default = "d" }
    "#;
    let config = |more: &str| {
        format!(
            r#"{{"model_type": "odd", "hidden_size": 8, "num_attention_heads": 2, "num_hidden_layers": 1, "vocab_size": 10,
                "intermediate_size": 3, "max_position_embeddings": 4, "type_vocab_size": 2{more}}}"#
        )
    };
    // Four projections and two with biases, four norms' numbers; tables and a norm of that width.
    let layer = 4 * 8 * 9 + 8 * 3 + 3 + 3 * 8 + 8 + 4 * 8;
    let tables = |e: u128| (10 + 4 + 2 + 2) * e;
    let cases = [
        ("", tables(8) + layer + 8 * 9),
        (r#", "architectures": ["OddForTokenClassification"], "num_labels": 3"#, tables(8) + layer + 9 * 3),
        (r#", "architectures": ["OddForMaskedLM"]"#, tables(8) + layer + 8 * 9 + 2 * 8 + 10),
        (r#", "architectures": ["OddForMaskedLM"], "narrow": 5"#, tables(5) + 5 * 8 + layer + 8 * 5 + 5 + 2 * 5 + 10),
    ];
    for (more, params) in cases {
        let model = read(declaration, &config(more)).unwrap();
        let step = Workload::prefill(1, 4);
        assert_eq!(report(&model, &step, &Options::default(), &[]).unwrap().params.total, params, "{more}");
        assert_eq!(model.scores_all(), more.contains("MaskedLM"));
    }
    let wrong = read(declaration, &config(r#", "architectures": ["OddForAll"]"#)).map(|model| model.name).unwrap_err();
    assert!(wrong.contains("expected one of OddModel, OddForMaskedLM, OddForTokenClassification"), "{wrong}");
}
