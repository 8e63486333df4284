namespace Qanat.Crypto.Batch;

/// <summary>A vector of 64-bit numbers, a lane each: what Poly1305 asks of a processor.</summary>
internal unsafe interface ILimbs<T> where T : unmanaged, ILimbs<T>
{
    /// <summary>How many numbers there are.</summary>
    static abstract int Count { get; }

    /// <summary>0, 1, 2, ...</summary>
    static abstract T Indices { get; }

    /// <summary>The same number in every lane.</summary>
    static abstract T Create(ulong number);

    /// <summary>The <see cref="Count"/> numbers at an address.</summary>
    static abstract T Load(ulong* source);

    /// <summary>Stores the numbers.</summary>
    static abstract void Store(T numbers, ulong* destination);

    /// <summary>Loads 16 bytes a lane, each from its own address: the first eight and the last eight.</summary>
    static abstract void LoadBlocks(byte** addresses, out T low, out T high);

    /// <summary>Sums modulo 2^64.</summary>
    static abstract T operator +(T left, T right);

    /// <summary>The bits that both have.</summary>
    static abstract T operator &(T left, T right);

    /// <summary>The bits that either has.</summary>
    static abstract T operator |(T left, T right);

    /// <summary>Products of the lower halves: 32 bits by 32 bits are 64.</summary>
    static abstract T operator *(T left, T right);

    /// <summary>Each number shifted to the left.</summary>
    static abstract T operator <<(T numbers, int bits);

    /// <summary>Each number shifted to the right.</summary>
    static abstract T operator >>>(T numbers, int bits);
}
