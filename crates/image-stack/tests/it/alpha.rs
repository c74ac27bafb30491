//! Pixels that are not opaque, in every format that has them.
#![cfg(feature = "formats")]

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, LumaA, Rgb, Rgba};
use image_stack::{Background, Channels, Image, RasterSamples, Reading, read};

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A black stroke whose edge is half transparent, on transparent black, in 8 bits.
fn ink() -> DynamicImage {
    image::ImageBuffer::from_fn(6, 2, |x, _| match x {
        0 | 1 => Rgba([0, 0, 0, 255_u8]),
        2 => Rgba([0, 0, 0, 51]),
        _ => Rgba([0, 0, 0, 0]),
    })
    .into()
}

fn on(bytes: &[u8], background: Background) -> Image<'_> {
    read(bytes, &Reading::new().with_background(background)).unwrap()
}

fn bytes_of(image: &Image<'_>) -> Vec<u8> {
    match image.samples() {
        RasterSamples::U8(samples) => samples.to_vec(),
        RasterSamples::U16(_) => panic!("bytes were written"),
    }
}

/// Each of the values three times.
fn grey(values: [u8; 6]) -> Vec<u8> {
    let row = values.map(|value| [value; 3]).concat();
    [row.clone(), row].concat()
}

#[test]
fn black_ink_on_transparent_black_is_black_ink_on_white_paper() {
    for format in [
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Tiff,
        ImageFormat::Bmp,
    ] {
        let bytes = written(&ink(), format);
        let found = on(&bytes, Background::WHITE);
        assert_eq!(
            bytes_of(&found),
            grey([0, 0, 204, 255, 255, 255]),
            "{format:?}"
        );
        assert!(
            found.findings().transparent && !found.findings().flat,
            "{format:?}"
        );

        let red = bytes_of(&on(&bytes, Background::Colour([255, 0, 0])));
        assert_eq!(red[6..12], [204, 0, 0, 255, 0, 0], "{format:?}");

        let ignored = on(&bytes, Background::Ignored);
        assert_eq!(bytes_of(&ignored), grey([0; 6]), "{format:?}");
        assert!(
            ignored.findings().transparent && ignored.findings().flat,
            "{format:?}"
        );
    }
}

#[test]
fn sixteen_bits_and_greys_have_an_opacity_too() {
    let grey = image::ImageBuffer::from_fn(2, 1, |x, _| LumaA([1000_u16, 65_535 * (1 - x as u16)]));
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        // The encoder of TIFF writes no grey with an opacity.
        let image = match format {
            ImageFormat::Tiff => DynamicImage::from(grey.clone()).into_rgba16().into(),
            _ => grey.clone().into(),
        };
        let bytes = written(&image, format);
        let found = on(&bytes, Background::WHITE);
        let expected = RasterSamples::U16(vec![1000, 65_535].into());
        assert_eq!(*found.grey().samples(), expected, "{format:?}");
    }
}

#[test]
fn a_palette_of_a_png_may_be_transparent() {
    // One pixel of each of two colours: the first is transparent, as a chunk tRNS of one byte says.
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(vec![0, 0, 0, 10, 20, 30]);
    encoder.set_trns(vec![0]);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0, 1]).unwrap();
    writer.finish().unwrap();
    assert_eq!(
        bytes_of(&on(&bytes, Background::WHITE)),
        [255, 255, 255, 10, 20, 30]
    );
    assert_eq!(
        bytes_of(&on(&bytes, Background::Ignored)),
        [0, 0, 0, 10, 20, 30]
    );
}

#[test]
fn the_colours_of_a_tiff_may_be_multiplied_by_their_opacity_already() {
    use tiff::encoder::{TiffEncoder, colortype::RGBA8};
    use tiff::tags::Tag;

    let of = |extra_samples: u16| {
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
        let mut image = encoder.new_image::<RGBA8>(1, 1).unwrap();
        let directory = image.encoder();
        directory
            .write_tag(Tag::ExtraSamples, extra_samples)
            .unwrap();
        image.write_data(&[50, 60, 70, 128]).unwrap();
        bytes.into_inner()
    };
    // Associated: 50 + 255 * 127 / 255. Unassociated: 50 * 128 / 255 + 255 * 127 / 255.
    assert_eq!(bytes_of(&on(&of(1), Background::WHITE)), [177, 187, 197]);
    assert_eq!(bytes_of(&on(&of(2), Background::WHITE)), [152, 157, 162]);
}

#[test]
fn opaque_images_are_what_they_are_on_every_background() {
    let colours: DynamicImage =
        image::ImageBuffer::from_fn(5, 3, |x, y| Rgb([40 * x as u8, 80 * y as u8, 7])).into();
    for format in [
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Tiff,
        ImageFormat::Bmp,
    ] {
        for image in [colours.clone(), colours.to_rgba8().into()] {
            let bytes = written(&image, format);
            for background in [Background::WHITE, Background::Ignored] {
                let found = on(&bytes, background);
                assert_eq!(found.channels(), Channels::Rgb);
                assert_eq!(bytes_of(&found), colours.as_bytes(), "{format:?}");
                assert!(!found.findings().transparent, "{format:?}");
            }
        }
    }
}

/// Programs that know of no opacity write 32 bits a pixel, the last eight of which are zero.
#[test]
fn a_bitmap_without_any_opacity_is_opaque() {
    let clear = image::ImageBuffer::from_fn(4, 2, |x, _| Rgba([10 * x as u8, 20, 30, 0_u8]));
    let bytes = written(&clear.into(), ImageFormat::Bmp);
    let found = on(&bytes, Background::WHITE);
    assert_eq!(bytes_of(&found)[..6], [0, 20, 30, 10, 20, 30]);
    assert!(!found.findings().transparent);
}
