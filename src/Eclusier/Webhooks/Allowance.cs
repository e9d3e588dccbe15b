namespace Eclusier.Webhooks;

/// <summary>How often something may happen per name: so many at once, then so many per second.</summary>
internal sealed class Allowance(int atOnce, double perSecond, TimeProvider timeProvider)
{
    /// <summary>Names that are known at a time; the fullest are forgotten, which costs nobody anything.</summary>
    private const int Most = 4096;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (double Left, long At)> accounts = [];

    public bool TryTake(string name)
    {
        lock (gate)
        {
            var left = Left(name);
            if (left < 1)
            {
                return false;
            }

            if (accounts.Count >= Most && !accounts.ContainsKey(name))
            {
                ForgetFull();
            }

            accounts[name] = (left - 1, timeProvider.GetTimestamp());
            return true;
        }
    }

    private double Left(string name) => accounts.TryGetValue(name, out var account)
        ? Math.Min(atOnce, account.Left + (timeProvider.GetElapsedTime(account.At).TotalSeconds * perSecond))
        : atOnce;

    /// <summary>Those that are full again; where there are none, all: an attacker with thousands of addresses must not fill the memory.</summary>
    private void ForgetFull()
    {
        foreach (var name in accounts.Keys.Where(name => Left(name) >= atOnce).ToList())
        {
            accounts.Remove(name);
        }

        if (accounts.Count >= Most)
        {
            accounts.Clear();
        }
    }
}
