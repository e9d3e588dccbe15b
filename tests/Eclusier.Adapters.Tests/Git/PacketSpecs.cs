using System.Text;
using Eclusier.Adapters.Git;

namespace Eclusier.Adapters.Tests.Git;

public sealed class PacketSpecs
{
    /// <summary>However a connection cuts an answer into pieces, it is read as it was sent.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(511)]
    [InlineData(513)]
    [InlineData(int.MaxValue)]
    public async Task Lines_arrive_whole_in_pieces_of_any_size(int piece)
    {
        string[] lines = [.. Enumerable.Range(0, 40).Select(number => $"{new string('c', 40)} refs/heads/branch-{number}"), new string('x', 600), "", new string('y', 65515), "the end"];
        var sent = PacketLines.Message(lines);
        using var deadline = new AnswerDeadline(new GitLimits(), TimeProvider.System, TestContext.Current.CancellationToken);
        var packets = new PacketLines(new Pieces(sent, piece), 1_000_000, deadline);

        foreach (var line in lines)
        {
            Assert.Equal((PacketKind.Line, line), await packets.ReadAsync());
        }

        Assert.Equal(PacketKind.Flush, (await packets.ReadAsync()).Kind);
        Assert.Equal(PacketKind.End, (await packets.ReadAsync()).Kind);
    }

    [Theory]
    [InlineData("00")] // within a length
    [InlineData("0009main")] // within a line
    public async Task An_answer_that_ends_too_early_is_none(string text)
    {
        using var deadline = new AnswerDeadline(new GitLimits(), TimeProvider.System, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<EndOfStreamException>(() => new PacketLines(new Pieces(Encoding.UTF8.GetBytes(text), 1), 1_000_000, deadline).ReadAsync());
    }

    /// <summary>Gives so many bytes at a time.</summary>
    private sealed class Pieces(byte[] content, int piece) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
