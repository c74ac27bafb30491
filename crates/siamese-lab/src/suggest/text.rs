//! The recipe as a text that says why each value is what it is.

use super::choices::Choices;
use super::survey::{Range, Survey};

/// Where the comments behind values begin.
const COLUMN: usize = 44;

/// The text of the recipe; `data` is how the folder was called.
pub(super) fn text(name: &str, data: &str, survey: &Survey, choices: &Choices) -> String {
    let sections = [
        head(name, data, survey),
        data_section(survey, choices),
        people(survey, choices),
        augment(choices),
        encoder(choices),
        training(choices),
        embedding(choices),
        decision(choices),
        members(survey, choices),
    ];
    aligned(&sections.concat())
}

fn head(name: &str, data: &str, survey: &Survey) -> String {
    let Survey {
        people,
        images,
        images_per_person,
        people_with_one_image,
        looked_at,
        height,
        width,
        aspect,
        in_colour,
        forgeries,
        ..
    } = survey;
    let singles = match people_with_one_image {
        0 => "no subject has only one image".to_owned(),
        1 => "1 subject has only one image".to_owned(),
        n => format!("{n} subjects have only one image"),
    };
    let forged = match forgeries {
        0 => String::new(),
        n => format!(", and {n} forgeries of them"),
    };
    let looked = if *looked_at == images + forgeries {
        "all of them were opened".to_owned()
    } else {
        format!("{looked_at} of them were opened")
    };
    let shape = match aspect.median {
        ratio if ratio < 0.8 => "wider than high",
        ratio if ratio <= 1.25 => "nearly square",
        _ => "higher than wide",
    };
    let colour = match in_colour {
        0 => "grey".to_owned(),
        n if n == looked_at => "in colour".to_owned(),
        n if survey.is_colour() => format!("in colour, {} grey", looked_at - n),
        n => format!("grey, {n} in colour"),
    };
    let about = format!("made for {images} images of {people} subjects");
    format!(
        "# A recipe to begin with, for the images in {data}:\n\
         #   {people} subjects with {} images each, {images} in all{forged}; {singles}\n\
         #   {looked}: {} high and {} wide, {shape}, {colour}\n\
         # Train it with  siamese train THIS_FILE --data DIR,  look at it with  siamese augment-preview THIS_FILE --data DIR,\n\
         # and change what does not suit you. The comment beside each value says which figures of the data it comes \
         from.\n\
         name = \"{name}\"\n\
         about = \"{about}\"\n",
        range(images_per_person),
        range(height),
        range(width),
    )
}

/// The comments behind values, marked by two blanks before them, brought to one column.
fn aligned(text: &str) -> String {
    let mut aligned = String::with_capacity(2 * text.len());
    for line in text.lines() {
        match line.split_once("  # ").filter(|_| !line.starts_with('#')) {
            Some((value, comment)) => {
                aligned.push_str(&format!("{:<COLUMN$} # {comment}", value.trim_end()));
            }
            None => aligned.push_str(line),
        }
        aligned.push('\n');
    }
    aligned
}

/// `10`, or `2 to 12 (median 5)`.
fn range(range: &Range<usize>) -> String {
    let Range {
        least,
        median,
        most,
    } = range;
    if least == most {
        least.to_string()
    } else {
        format!("{least} to {most} (median {median})")
    }
}

fn data_section(survey: &Survey, choices: &Choices) -> String {
    let [height, width] = choices.input;
    let (old_height, old_width) = (survey.height.median, survey.width.median);
    let why = if (height, width) == (old_height, old_width) {
        format!("the images' median size: {old_height}x{old_width} is small already")
    } else {
        format!(
            "the shape of the median image, {old_height}x{old_width}, at about the area of 56x46, which is enough for \
             faces;\n# twice the area takes twice the time"
        )
    };
    let Range { least, most, .. } = survey.aspect;
    let stretched = if most > 1.25 * least {
        format!(
            "# Height over width goes from {least:.2} to {most:.2}, and all images are stretched to one shape. If that \
             hurts, crop them to one shape.\n"
        )
    } else {
        String::new()
    };
    let looked_at = survey.looked_at;
    let colour = match survey.in_colour {
        0 => String::new(),
        n if n == looked_at => String::new(),
        n if survey.is_colour() => format!(
            "# {} of {looked_at} images are grey; read in colour, their red, green and blue are equal.\n",
            looked_at - n
        ),
        n => format!(
            "# {n} of {looked_at} images are in colour and are read as grey, by their luma.\n"
        ),
    };
    let seen = match survey.transparent {
        0 => "what transparent pixels would show: none of the images looked at has any".to_owned(),
        n => format!("{n} of {looked_at} images have transparent pixels, which show this"),
    };
    if choices.ink {
        return ink_section(survey, choices, &seen);
    }
    let scaling = if choices.members {
        let (mean, sd) = (survey.mean.clamp(0.05, 0.95), survey.sd.max(0.05));
        format!(
            "mean = {mean:.2}  # of the pixels looked at, for the first network;\n\
             sd = {sd:.2}  # the others normalise, see [[members]]\n"
        )
    } else {
        "normalise = { kind = \"standardise\" }  # each image to mean 0 and deviation 1: light and contrast count less\n"
            .to_owned()
    };
    format!(
        "\n# {why}\n{stretched}{colour}[data]\nresize = {{ area = [{height}, {width}] }}\n\
         background = \"white\"  # {seen}\n{scaling}"
    )
}

/// Ink on paper is cropped, cleaned and inverted, and not stretched.
fn ink_section(survey: &Survey, choices: &Choices, seen: &str) -> String {
    let [height, width] = choices.input;
    format!(
        "\n# {} of the {} images looked at are ink on paper. Only the ink counts: it is cut out, its paper made even, and black and white\n\
         # are exchanged, so that paper is 0 to the network. The ink fills {height}x{width} as far as it does without being stretched\n\
         # (its median height over width is {:.2}).\n\
         [data]\nresize = {{ fit = [{height}, {width}], fill = \"black\" }}\n\
         background = \"white\"  # {seen}\n\
         ink = {{ crop = true, clean = true }}\n\
         invert = true\n\
         mean = 0.1  # of inked and empty pixels together, about\n\
         sd = 0.25\n",
        survey.ink, survey.looked_at, survey.ink_aspect
    )
}

fn people(survey: &Survey, choices: &Choices) -> String {
    let Choices {
        folds,
        tested,
        trained,
        validation_people,
        pairs,
        people,
        images,
        typical,
        short,
        per_epoch,
        epochs,
        passes,
        ..
    } = choices;
    let threshold = if *validation_people > 0 {
        format!(
            "validation_people = {validation_people}  # held out of training; the threshold is set on \
             their pairs\n\
             \n\
             [pairs]\n\
             draw = \"subjects\"  # without [batches], steps learn from pairs: each subject in as many as any other\n"
        )
    } else {
        format!(
            "validation = 0.9  # too few people to hold any out: the threshold is set on pairs of\n\
             \x20 # training people, which makes it too strict for others\n\
             \n\
             [pairs]\n\
             per_kind = {pairs}  # those pairs, of each kind\n\
             draw = \"subjects\"  # each subject in as many of them as any other, however many images it has\n"
        )
    };
    let too_few = match short {
        0 => String::new(),
        n => format!(
            "too_few = \"repeat\"  # {n} {} fewer: their images occur twice, changed differently\n",
            if *n == 1 {
                "subject has"
            } else {
                "subjects have"
            }
        ),
    };
    let forgeries = match choices.forgeries {
        0 => String::new(),
        n => format!(
            "forgeries = {n}  # of each subject of a batch, as impostors: {} forgeries beside {} genuine images\n",
            survey.forgeries, survey.images
        ),
    };
    format!(
        "\n# {} subjects in {folds} parts of {tested} or more. Each part judges once, a network that was not trained \
         on it; this file trains\n\
         # without part 0, and siamese crossval without each part in turn. {trained} subjects or more are learnt from.\n\
         [protocol]\n\
         name = \"k-fold:{folds}\"\n\
         {threshold}\
         \n\
         # {people} subjects x {images} images in a batch: each image is embedded once, and all pairs count.\n\
         [batches]\n\
         people = {people}\n\
         images = {images}  # the median is {}, among subjects with two or more\n\
         {forgeries}\
         {too_few}\
         per_epoch = {per_epoch}  # {} steps in {epochs} epochs: each image is seen about \
         {passes} times\n",
        survey.people,
        typical,
        per_epoch * epochs,
    )
}

fn augment(choices: &Choices) -> String {
    let Choices { flip, rotation, .. } = choices;
    if choices.ink {
        return format!(
            "\n# Every image is changed anew in each step, about as much as a hand varies. Look at the sheet of siamese \
             augment-preview.\n\
             [augment]\n\
             rotation = {rotation:.1}  # degrees\n\
             scale = 0.06\n\
             aspect = 0.06\n\
             shift = 0.03  # the ink is centred already\n\
             flip = 0.0  # the mirror image of writing is no writing\n\
             contrast = 0.15\n\
             noise = 0.02\n"
        );
    }
    let flip = if *flip > 0.0 {
        format!(
            "flip = {flip:.1}  # 0.0 where the mirror image means something else: signatures, writing, maps\n"
        )
    } else {
        "flip = 0.0  # images this wide are often signatures or writing; 0.5 for things \
         that have\n\
         \x20 # no left and right, as faces, and then embedding.flip = true\n"
            .to_owned()
    };
    format!(
        "\n# Every image is changed anew in each step. Look at the sheet of siamese augment-preview: you must still \
         see who it is.\n\
         [augment]\n\
         rotation = {rotation:.1}  # degrees\n\
         scale = 0.15\n\
         aspect = 0.1\n\
         shift = 0.08  # as far off as faces are usually cropped\n\
         {flip}gamma = 0.3  # light and contrast; 0.0 where they tell subjects apart\n\
         contrast = 0.3\n\
         brightness = 0.1\n\
         noise = 0.02\n\
         erase = 0.3  # part of the image hidden: glasses, hair, a hand\n\
         erase_sides = [0.1, 0.35]\n"
    )
}

fn encoder(choices: &Choices) -> String {
    let [height, width] = choices.input;
    let channels = choices.channels;
    let sides = match channels {
        1 => "channels, height, width, as in data.resize",
        _ => {
            "red, green and blue; height, width, as in data.resize\n\
             \x20 # 1 in place of 3 reads everything in grey"
        }
    };
    let after = |side: usize| side.div_ceil(choices.stride).div_ceil(2);
    let (high, wide) = (after(height), after(width));
    let first = if choices.stride == 1 {
        "stride 1, since the images are small"
    } else {
        "stride 2"
    };
    format!(
        "\n# Shallow, and it keeps the places of things: a map of {high}x{wide} is flattened, not averaged. The \
         first\n         # convolution has {first}.\n\
         [encoder]\n\
         input = [{channels}, {height}, {width}]  # {sides}\n\
         init = \"lecun-uniform\"\n\
         layers = [\n\
         \x20 {{ conv = 16, kernel = 5, stride = {}, padding = \"same\", bias = false }}, \"batch_norm\", \"relu\",\n\
         \x20 {{ conv = 32, kernel = 3, padding = \"same\", bias = false }}, \"batch_norm\", \"relu\", {{ max_pool = 2, ceil = true }},\n\
         \x20 {{ conv = 64, kernel = 3, padding = \"same\", bias = false }}, \"batch_norm\", \"relu\",\n\
         \x20 \"flatten\", {{ dense = 128, bias = false }}, \"l2_normalise\",\n\
         ]\n",
        choices.stride
    )
}

fn training(choices: &Choices) -> String {
    let loss = match choices.forgeries {
        0 => "\n# Each training subject has a vector, and its images must come near it. The vectors are not part of the \
              model.\n\
              [loss]\n\
              kind = \"proxy-anchor\"\n\
              alpha = 32.0\n\
              delta = 0.1\n\
              head_lr = 0.01\n"
            .to_owned(),
        _ => FORGERY_LOSS.to_owned(),
    };
    format!(
        "{loss}\
         \n\
         [optimizer]\n\
         kind = \"adamw\"\n\
         lr = 0.002\n\
         weight_decay = 5e-4\n\
         \n\
         [schedule]\n\
         kind = \"cosine\"\n\
         warmup_steps = {}  # the first 15 % of the steps, 500 at most\n\
         final_share = 0.01\n\
         \n\
         [train]\n\
         epochs = {}\n\
         average = 0.98  # the running mean of the weights becomes the model\n\
         keep = \"last\"  # the schedule ends at nearly 0, so the last weights are the settled ones\n",
        choices.warmup, choices.epochs
    )
}

/// What is minimised where there are forgeries.
const FORGERY_LOSS: &str = "\n# Each training subject has a vector, and its images must come near it; forgeries have none, and must stay away from \
all. And of the\n# images of a batch, those of a subject must be nearer to each other than its forgeries are.\n\
[loss]\n\
kind = \"sum\"\n\
terms = [\n\
\x20 { loss = { kind = \"proxy-anchor\", head_lr = 0.01 } },\n\
\x20 { loss = { kind = \"multi-similarity\" } },\n\
]\n";

/// What a sample is compared with where forgeries are judged.
fn decision(choices: &Choices) -> String {
    match choices.forgeries {
        0 => String::new(),
        _ => format!(
            "\n[decision]\n\
             references = {}  # genuine samples of a subject that another is compared with, where forgeries are judged\n\
             fusion = \"relative\"  # less how far apart these are, which differs from subject to subject\n",
            choices.references
        ),
    }
}

fn embedding(choices: &Choices) -> String {
    format!(
        "\n[embedding]\n\
         flip = {}  # the mirror image is embedded too, if training saw mirror images\n\
         whiten = {{ kind = \"pca\", power = 0.5 }}  # what varies most counts less: halfway to full whitening\n",
        choices.flip > 0.0
    )
}

fn members(survey: &Survey, choices: &Choices) -> String {
    if !choices.members {
        return format!(
            "\n# One network: {} images take a while. An empty [[members]] here for each of several networks of other seeds\n\
         # judges better, and takes as many times as long.\n",
            survey.images
        );
    }
    format!(
        "\n# Three networks that judge together: {} images are few, so three trainings are quick. They differ in how light\n\
         # and contrast are taken out.\n\
         [[members]]  # pixels as they are, so their light is changed only a little\n\
         augment.gamma = 0.1\n\
         augment.contrast = 0.1\n\
         augment.brightness = 0.05\n\
         \n\
         [[members]]  # each image to mean 0 and deviation 1\n\
         data.normalise = {{ kind = \"standardise\" }}\n\
         data.mean = 0.0\n\
         data.sd = 1.0\n\
         \n\
         [[members]]  # each pixel set against its surroundings\n\
         data.normalise = {{ kind = \"local-contrast\", sigma = 4.0, floor = 0.04 }}\n\
         data.mean = 0.0\n\
         data.sd = 1.0\n",
        survey.images
    )
}
