using Eclusier.Adapters.Files;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Files;

public sealed class HostFilesSpecs : IDisposable
{
    private readonly LabFolder folder = new();
    private readonly HostFiles files = new(engineIsHere: true);

    private string Path => System.IO.Path.Combine(folder.Path, "file");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_counts_by_its_content()
    {
        File.WriteAllText(Path, "one");
        var hash = files.HashOf(Path);
        Assert.NotNull(hash);

        File.WriteAllText(Path, "two");
        Assert.NotEqual(hash, files.HashOf(Path));
        File.WriteAllText(Path, "one");
        Assert.Equal(hash, files.HashOf(Path));

        var link = Path + "-link";
        File.CreateSymbolicLink(link, Path);
        Assert.Equal(hash, files.HashOf(link));
    }

    [Fact]
    public async Task A_folder_a_pipe_a_device_a_socket_and_nothing_do_not_count()
    {
        var pipe = Path + "-pipe";
        await Tool.RunAsync("mkfifo", pipe); // nobody writes: who reads it waits for ever

        Assert.All([folder.Path, pipe, "/dev/zero", Path], path => Assert.Null(files.HashOf(path)));
    }

    [Fact]
    public void Large_data_does_not_count()
    {
        File.WriteAllBytes(Path, new byte[1024 * 1024]);
        Assert.NotNull(files.HashOf(Path));
        File.WriteAllBytes(Path, new byte[(1024 * 1024) + 1]);
        Assert.Null(files.HashOf(Path));
    }

    [Fact]
    public void Files_of_this_machine_say_nothing_when_the_engine_is_on_another()
    {
        File.WriteAllText(Path, "one");

        Assert.Null(new HostFiles(engineIsHere: false).HashOf(Path));
    }

    [Fact]
    public void A_place_stays_when_a_file_is_written_to_and_not_when_it_is_replaced()
    {
        File.WriteAllText(Path, "one");
        var place = files.PlaceOf(Path);
        File.WriteAllText(Path, "two");
        Assert.Equal(place, files.PlaceOf(Path));

        File.WriteAllText(Path + ".new", "three");
        File.Move(Path + ".new", Path, overwrite: true);

        Assert.NotEqual(place, files.PlaceOf(Path));
        Assert.Equal("missing", files.PlaceOf(Path + "/nothing"));
    }
}
