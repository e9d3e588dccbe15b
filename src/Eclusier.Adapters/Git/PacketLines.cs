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
    private int begin; // of what was read and is not used yet
    private int end;
    private int left = largest;

    /// <returns>The packet's kind, and its text without the line's end.</returns>
    /// <exception cref="InvalidDataException">That is no packet, or it is too much.</exception>
    /// <exception cref="EndOfStreamException">It ends within a packet.</exception>
    public async Task<(PacketKind Kind, string Text)> ReadAsync()
    {
        if (!await HasAsync(Head))
        {
            return end == begin ? (PacketKind.End, "") : throw new EndOfStreamException();
        }

        if (!int.TryParse(buffer.AsSpan(begin, Head), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) || length is 3 or > LargestPacket)
        {
            throw new InvalidDataException("not git's wire format");
        }

        begin += Head;
        if (length < Head)
        {
            return (length switch { 0 => PacketKind.Flush, 1 => PacketKind.Delimiter, _ => PacketKind.End }, "");
        }

        left -= length;
        if (left < 0)
        {
            throw new InvalidDataException("more than anybody would say");
        }

        length -= Head;
        if (!await HasAsync(length))
        {
            throw new EndOfStreamException();
        }

        var text = Encoding.UTF8.GetString(buffer, begin, length).TrimEnd('\n');
        begin += length;
        return (PacketKind.Line, text);
    }

    /// <summary>A message: lines in sections, which the delimiter divides.</summary>
    public static byte[] Message(params IEnumerable<string>[] sections) => Encoding.UTF8.GetBytes(
        string.Join("0001", sections.Select(lines => string.Concat(lines.Select(line => $"{Encoding.UTF8.GetByteCount(line) + 1 + Head:x4}{line}\n")))) + "0000");

    /// <returns>So many bytes are here; else the stream has ended before.</returns>
    private async ValueTask<bool> HasAsync(int count)
    {
        if (begin + count > buffer.Length)
        {
            var room = count > buffer.Length ? new byte[LargestPacket] : buffer;
            buffer.AsSpan(begin..end).CopyTo(room);
            (buffer, begin, end) = (room, 0, end - begin);
        }

        while (end - begin < count)
        {
            deadline.BeginSilence();
            var read = await stream.ReadAsync(buffer.AsMemory(end), deadline.Token);
            if (read == 0)
            {
                return false;
            }

            end += read;
        }

        return true;
    }
}
