namespace Qanat.Daemon.Tests.Fakes;

/// <summary>A kill -9 between two steps: after so many steps nothing has an effect any more.</summary>
internal sealed class CrashPoint
{
    private int _left = int.MaxValue;

    /// <summary>How many steps were taken since <see cref="Arm"/>.</summary>
    public int Taken { get; private set; }

    public bool Hit { get; private set; }

    /// <summary>Dies instead of taking the step after the first <paramref name="steps"/>.</summary>
    public void Arm(int steps) => (_left, Taken, Hit) = (steps, 0, false);

    public void Disarm() => Arm(int.MaxValue);

    public void Step()
    {
        if (Hit || Taken >= _left)
        {
            Hit = true;
            throw new KilledException();
        }
        Taken++;
    }
}

internal sealed class KilledException : Exception;
