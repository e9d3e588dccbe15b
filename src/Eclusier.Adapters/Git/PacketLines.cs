using System.Globalization;
using System.Text;

namespace Eclusier.Adapters.Git;

/// <summary>What a packet of git's wire format is.</summary>
internal enum PacketKind
{
    /// <summary>It holds a line.</summary>
    Line,

    /// <summary><c>0000</c>: the end of a message.</summary>
    Flush,

    /// <summary><c>0001</c>: between the sections of a message.</summary>
    Delimiter,

    /// <summary>The other side has nothing more to say.</summary>
    End,
}

/// <summary>Packets of git's wire format (gitprotocol-common: four hexadecimal digits of length, with themselves counted, then the content), from a stream of whoever.</summary>
/// <param name="largest">More bytes than this in all are not read.</param>
internal sealed class PacketLines(Stream stream, int largest, AnswerDeadline deadline)
{
    private const int Head = 4;
    private const int LargestPacket = 65520;

    private byte[] buffer = new byte[512]; // most answers are one line
    private int left = largest;

    /// <returns>The packet's kind, and its text without the line's end.</returns>
    /// <exception cref="InvalidDataException">That is no packet, or it is too much.</exception>
    /// <exception cref="EndOfStreamException">It ends within a packet.</exception>
    public async Task<(PacketKind Kind, string Text)> ReadAsync()
    {
        var read = await FillAsync(buffer.AsMemory(0, Head));
        if (read == 0)
        {
            return (PacketKind.End, "");
        }

        if (read < Head)
        {
            throw new EndOfStreamException();
        }

        if (!int.TryParse(buffer.AsSpan(0, Head), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) || length is 3 or > LargestPacket)
        {
            throw new InvalidDataException("not git's wire format");
        }

        if (length < Head)
        {
            return (length switch { 0 => PacketKind.Flush, 1 => PacketKind.Delimiter, _ => PacketKind.End }, "");
        }

        left -= length;
        if (left < 0)
        {
            throw new InvalidDataException("more than anybody would say");
        }

        if (length > buffer.Length)
        {
            buffer = new byte[LargestPacket];
        }

        var content = buffer.AsMemory(0, length - Head);
        return await FillAsync(content) < content.Length ? throw new EndOfStreamException() : (PacketKind.Line, Encoding.UTF8.GetString(content.Span).TrimEnd('\n'));
    }

    /// <summary>A message: lines in sections, which the delimiter divides.</summary>
    public static byte[] Message(params IEnumerable<string>[] sections) => Encoding.UTF8.GetBytes(
        string.Join("0001", sections.Select(lines => string.Concat(lines.Select(line => $"{Encoding.UTF8.GetByteCount(line) + 1 + Head:x4}{line}\n")))) + "0000");

    /// <returns>Less than there is room for: the stream ended.</returns>
    private async Task<int> FillAsync(Memory<byte> room)
    {
        var filled = 0;
        while (filled < room.Length)
        {
            deadline.BeginSilence();
            var read = await stream.ReadAsync(room[filled..], deadline.Token);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return filled;
    }
}
