using System.Text;
using Eclusier.Adapters.Configuration;

namespace Eclusier.Adapters.Tests.Configuration;

public sealed class ConfigurationFileSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eclusier-configuration-").FullName;

    [Fact]
    public void A_file_that_does_not_exist_is_a_problem() =>
        Assert.Equal($"{_folder}/none.yaml: there is no such file", Assert.Single(Load("none.yaml").Problems).ToString());

    [Fact]
    public void A_folder_in_its_place_is_a_problem() =>
        Assert.Equal($"{_folder}/: it is a folder", Assert.Single(Load("").Problems).ToString());

    [Fact]
    public void A_file_that_is_too_large_is_a_problem()
    {
        Write("eclusier.yaml", Encoding.UTF8.GetBytes(new string('#', 1024 * 1024 + 1)));

        Assert.Equal($"{_folder}/eclusier.yaml: is larger than 1 MiB", Assert.Single(Load("eclusier.yaml").Problems).ToString());
    }

    [Fact]
    public void Text_that_is_not_UTF_8_is_a_problem_with_its_place()
    {
        Write("eclusier.yaml", [.. "stacks:\n  éclusier: "u8, 0xE9, .. "\n"u8]);

        Assert.Equal($"{_folder}/eclusier.yaml:2:13: the file is not UTF-8 text from here on", Assert.Single(Load("eclusier.yaml").Problems).ToString());
    }

    [Fact]
    public void A_relative_path_will_do()
    {
        Write("eclusier.yaml", "stacks: { shop: { repository: /srv/shop.git } }"u8);

        var result = ConfigurationLoader.Load(Path.GetRelativePath(Directory.GetCurrentDirectory(), Path.Combine(_folder, "eclusier.yaml")), _ => null);

        Assert.Empty(result.Problems);
        Assert.Single(result.Settings!.Stacks);
    }

    [Fact]
    public void Secret_files_are_looked_for_beside_the_configuration()
    {
        Write("there.token", "t0ken"u8);
        Directory.CreateDirectory(Path.Combine(_folder, "folder.token"));
        Write("eclusier.yaml", """
            stacks:
              a: { repository: https://git.example.org/a.git, auth: { token_file: there.token } }
              b: { repository: https://git.example.org/b.git, auth: { token_file: none.token } }
              c: { repository: https://git.example.org/c.git, auth: { token_file: folder.token } }
            """u8);

        Assert.Equal(
            [
                $"{_folder}/eclusier.yaml:3:71: stacks.b.auth.token_file: expected a file that holds an access token, but there is no such file, found 'none.token'",
                $"{_folder}/eclusier.yaml:4:71: stacks.c.auth.token_file: expected a file that holds an access token, but it is a folder, found 'folder.token'",
            ],
            Load("eclusier.yaml").Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void A_file_without_permission_is_a_problem_but_not_for_root()
    {
        Write("locked.token", "t0ken"u8);
        File.SetUnixFileMode(Path.Combine(_folder, "locked.token"), UnixFileMode.None);
        Write("eclusier.yaml", "stacks: { a: { repository: 'https://git.example.org/a.git', auth: { token_file: locked.token } } }"u8);

        var problems = Load("eclusier.yaml").Problems.Select(problem => problem.Message);

        Assert.Equal(Environment.IsPrivilegedProcess ? [] : ["expected a file that holds an access token, but it cannot be read: permission denied, found 'locked.token'"], problems);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, ReadOnlySpan<byte> content) => File.WriteAllBytes(Path.Combine(_folder, name), content);

    private ConfigurationResult Load(string name) => ConfigurationLoader.Load($"{_folder}/{name}", _ => null);
}
