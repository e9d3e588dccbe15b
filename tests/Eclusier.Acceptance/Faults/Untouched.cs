namespace Eclusier.Acceptance.Faults;

/// <summary>What must not change while something outside is out of order: containers and when they were started, the work tree, the answer.</summary>
internal sealed class Untouched(Shop shop, string snapshot, string answer)
{
    public static async Task<Untouched> AsOfNowAsync(Shop shop) => new(shop, await shop.SnapshotAsync(), await shop.AnswerAsync());

    public async Task ExpectAsync()
    {
        Assert.Equal(snapshot, await shop.SnapshotAsync());
        Assert.Equal(answer, await shop.AnswerAsync());
    }
}
