package io.cacheaside.kotlin

import io.cacheaside.AsyncCacheAside
import io.cacheaside.CacheAside
import io.cacheaside.CacheAsideBuilder
import io.cacheaside.LoadingCacheAside
import io.cacheaside.codec.Codec
import java.util.Optional
import java.util.concurrent.CompletableFuture

data class User(val id: String, val name: String)

data class Team(val id: Long, val name: String)

interface Repository {
    fun find(id: String): User?

    fun load(id: String): User

    fun load(id: String, lock: Boolean): User

    fun findById(id: String): Optional<User>

    fun findAll(ids: Collection<String>): Map<String, User>

    fun findAllById(ids: Iterable<String>): List<User>

    fun save(user: User): User

    fun store(user: User)
}

interface Client {
    fun find(id: String): CompletableFuture<User?>

    fun load(id: String): CompletableFuture<User>

    fun save(user: User): CompletableFuture<User>
}

interface Transaction {
    fun commit()
}

abstract class Application {
    abstract val users: CacheAside<String, User>
    abstract val teams: CacheAside<Long, Team>
    abstract val loading: LoadingCacheAside<String, User>
    abstract val async: AsyncCacheAside<String, User>
    abstract val builder: CacheAsideBuilder<String, User>
    abstract val codec: Codec<User>
    abstract val repository: Repository
    abstract val client: Client
    abstract val transaction: Transaction
    abstract val user: User
    abstract val team: Team
    abstract val ids: List<String>
}
