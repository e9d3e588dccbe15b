using System.Buffers.Binary;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>What a container wrote: its two streams in one, each piece with a header of eight bytes; or, of a terminal, just bytes.</summary>
/// <remarks>The header: the stream (1 output, 2 errors), three zeros, the length in four bytes, highest first.</remarks>
internal sealed class EngineOutput(HttpResponseMessage response, Stream stream, bool isMultiplexed) : IDisposable
{
    private const int HeaderBytes = 8;

    private readonly byte[] header = new byte[HeaderBytes];
    private byte source = 1;
    private uint remaining;

    /// <summary>The next piece of one of the streams.</summary>
    /// <returns>Which stream, and how many bytes; none: the end.</returns>
    /// <exception cref="EndOfStreamException">The end came in the middle of a piece.</exception>
    public async ValueTask<(byte Source, int Count)> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!isMultiplexed)
        {
            return (source, await stream.ReadAsync(buffer, cancellationToken));
        }

        while (remaining == 0)
        {
            var got = await stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken);
            if (got == 0)
            {
                return (source, 0);
            }

            ThrowIfCut(got < HeaderBytes);
            source = header[0];
            remaining = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4));
        }

        var count = await stream.ReadAsync(buffer[..(int)Math.Min((uint)buffer.Length, remaining)], cancellationToken);
        ThrowIfCut(count == 0);
        remaining -= (uint)count;
        return (source, count);
    }

    public void Dispose() => response.Dispose();

    private static void ThrowIfCut(bool isCut)
    {
        if (isCut)
        {
            throw new EndOfStreamException("the connection was closed before the answer was complete");
        }
    }
}
