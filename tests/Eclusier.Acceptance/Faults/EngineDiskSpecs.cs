using Eclusier.Lab;

namespace Eclusier.Acceptance.Faults;

/// <summary>The disk on which the Docker Engine keeps its images is small: a release that does not fit is not begun, and comes when there is space.</summary>
public sealed class EngineDiskSpecs
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task A_release_that_does_not_fit_waits_for_space_and_nothing_is_pulled()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can mount a disk and start an engine");
        using var folder = new LabFolder();
        await using var disk = await SmallDisk.MountAsync(Path.Combine(folder.Path, "disk"), megabytes: 96);
        await using var engine = await PrivateEngine.StartAsync(Path.Combine(disk.Path, "engine"));
        await using var shop = await Shop.CreateAsync();
        shop.Engine = engine.Endpoint;
        shop.WebKeys = "stop_grace_period: 1s";
        await shop.BeginWithAsync("v1");
        var container = await shop.ContainerAsync("web");
        var images = await engine.RunAsync("images", "--all", "--quiet");

        var big = await shop.PushAsync("v2", bits => bits with { Padding = 60 * Megabyte }); // twice that is more than the disk
        var status = await shop.AwaitStatusAsync("it is told", status => status.Message.Contains("has not enough space for this release", StringComparison.Ordinal));

        Assert.True(System.Text.RegularExpressions.Regex.IsMatch(status.Message, @"1[23]\d(\.\d)? MB are needed at least, \d+(\.\d)? MB are free; nothing was touched"), status.Message);
        Assert.Equal("unavailable", status.State);
        Assert.Equal(images, await engine.RunAsync("images", "--all", "--quiet"));
        Assert.Equal(container.Id, (await shop.ContainerAsync("web")).Id);
        Assert.Empty(status.Quarantined);
        Assert.Equal(big, status.Desired?.Commit);

        disk.Fill();
        var third = await shop.PushAsync("v3", bits => bits with { Padding = 4 * Megabyte });
        await shop.AwaitStatusAsync("the third does not fit either", status => status.Desired?.Commit == third && status.Message.Contains("has not enough space", StringComparison.Ordinal));
        disk.Free();

        await shop.ExpectAsync("committed", third);
        Assert.Equal("web v3", await shop.AnswerAsync());
    }
}
