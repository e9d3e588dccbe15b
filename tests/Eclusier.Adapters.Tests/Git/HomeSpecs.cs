using Eclusier.Adapters.Git;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Git;

public sealed class HomeSpecs
{
    [Fact]
    public void Stacks_that_begin_at_the_same_moment_do_not_meet_in_a_file()
    {
        for (var round = 0; round < 20; round++)
        {
            using var folder = new LabFolder();
            var home = new GitHome(folder.Path);
            home.Prepare();

            Parallel.For(0, 16, _ => home.SshConfig("/etc/eclusier/shop.key", null, TimeSpan.FromSeconds(10)));
        }
    }
}
