namespace Qanat.Crypto.Batch;

/// <summary>A vector of 32-bit words, a lane each: what ChaCha20 asks of a processor.</summary>
internal unsafe interface IWords<T> where T : unmanaged, IWords<T>
{
    /// <summary>How many words there are.</summary>
    static abstract int Count { get; }

    /// <summary>0, 1, 2, ...</summary>
    static abstract T Indices { get; }

    /// <summary>The same word in every lane.</summary>
    static abstract T Create(uint word);

    /// <summary>The <see cref="Count"/> words at an address.</summary>
    static abstract T Load(uint* source);

    /// <summary>Stores the words.</summary>
    static abstract void Store(T words, uint* destination);

    /// <summary>Sums modulo 2^32.</summary>
    static abstract T operator +(T left, T right);

    /// <summary>Exclusive or.</summary>
    static abstract T operator ^(T left, T right);

    /// <summary>Each word rotated to the left by 16 bits.</summary>
    static abstract T RotateLeft16(T words);

    /// <summary>Each word rotated to the left by 12 bits.</summary>
    static abstract T RotateLeft12(T words);

    /// <summary>Each word rotated to the left by 8 bits.</summary>
    static abstract T RotateLeft8(T words);

    /// <summary>Each word rotated to the left by 7 bits.</summary>
    static abstract T RotateLeft7(T words);

    /// <summary>
    /// Stores eight vectors by lane: a lane's eight words go side by side, the next lane's 64 bytes further on.
    /// </summary>
    static abstract void StoreByLane(T x0, T x1, T x2, T x3, T x4, T x5, T x6, T x7, byte* destination);
}
