using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Eclusier.Adapters.Releases;

/// <summary>Writes a Compose model so that Compose, which reads JSON as YAML, gets back the same text.</summary>
public static class ModelText
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = new YamlSafeEncoder() };

    public static byte[] Write(JsonObject model)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            model.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Escapes what YAML would refuse or fold, and nothing else.</summary>
    /// <remarks>The encoders of .NET write characters beyond U+FFFF as a pair of escapes; YAML knows no pairs: "found invalid Unicode character escape code".</remarks>
    private sealed unsafe class YamlSafeEncoder : JavaScriptEncoder
    {
        private const int EscapeLength = 6;

        public override int MaxOutputCharactersPerInputCharacter => EscapeLength;

        public override bool WillEncode(int unicodeScalar) => unicodeScalar
            is < 0x20 or '"' or '\\'
            or (>= 0x7F and <= 0xA0) // control characters, next line, no-break space
            or 0x2028 or 0x2029 // line breaks to YAML
            or 0xFEFF or 0xFFFE or 0xFFFF;

        public override int FindFirstCharacterToEncode(char* text, int textLength)
        {
            for (var index = 0; index < textLength; index++)
            {
                var isPair = index + 1 < textLength && char.IsSurrogatePair(text[index], text[index + 1]);
                if (isPair)
                {
                    index++;
                }
                else if (char.IsSurrogate(text[index]) || WillEncode(text[index]))
                {
                    return index;
                }
            }

            return -1;
        }

        public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
        {
            var target = new Span<char>(buffer, bufferLength);
            if (WillEncode(unicodeScalar))
            {
                return target.TryWrite($"\\u{unicodeScalar:X4}", out numberOfCharactersWritten);
            }

            numberOfCharactersWritten = 0;
            return new System.Text.Rune(unicodeScalar).TryEncodeToUtf16(target, out numberOfCharactersWritten);
        }
    }
}
