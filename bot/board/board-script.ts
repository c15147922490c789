/**
 * The page's one script. It asks for the part that changes every ten seconds and puts in only what differs, so that focus, open folds and
 * a screen reader's place stay; counts ages on between two answers; says when the bot does not answer; copies commands.
 */
export const boardScript = `(()=>{
const root=document.documentElement,live=document.getElementById('live'),link=document.getElementById('link'),every=10000,patience=8000;
root.classList.add('js');
let heard=performance.now(),lost=null,timer=0;
const words=s=>s<60?s+' s':s<3600?Math.floor(s/60)+' min':s<172800?Math.floor(s/3600)+' h':Math.floor(s/86400)+' days';
const clock=()=>new Date().toISOString().slice(11,19)+' UTC';
const tick=()=>{const more=Math.floor((performance.now()-heard)/1000);
for(const e of live.querySelectorAll('[data-age]')){const s=Number(e.dataset.age)+more,t=words(s);if(e.textContent!==t)e.textContent=t;const g=e.closest('[data-late]');if(g)g.classList.toggle('late',s>Number(g.dataset.late))}};
const same=(a,b)=>a.nodeType===b.nodeType&&a.nodeName===b.nodeName&&(a.id||'')===(b.id||'');
const morph=(a,b)=>{if(a.nodeType===3){if(a.data!==b.data)a.data=b.data;return}if(a.nodeType!==1)return;
for(const{name}of[...a.attributes])if(!b.hasAttribute(name)&&!(name==='open'&&a.nodeName==='DETAILS'))a.removeAttribute(name);
for(const{name,value}of b.attributes)if(a.getAttribute(name)!==value)a.setAttribute(name,value);
const from=[...a.childNodes],to=[...b.childNodes];
to.forEach((n,i)=>{const o=from[i];if(!o)a.appendChild(document.importNode(n,true));else if(same(o,n))morph(o,n);else o.replaceWith(document.importNode(n,true))});
for(const o of from.slice(to.length))o.remove()};
const say=(text,bad)=>{if(link.textContent!==text)link.textContent=text;link.classList.toggle('lost',bad)};
const poll=async()=>{clearTimeout(timer);let wait=every;try{
const answer=await fetch(live.dataset.from,{cache:'no-store',credentials:'same-origin',signal:AbortSignal.timeout(patience)});
if(answer.status===401||answer.status===404){say(answer.status===401?'\\u2715 signed out: load the page again to sign in':'\\u2715 this repository is no longer served',true);return}
if(answer.status===429)wait=6*every;
if(!answer.ok)throw new Error(String(answer.status));
const next=new DOMParser().parseFromString(await answer.text(),'text/html').getElementById('live');
if(!next)throw new Error('nothing to show');
heard=performance.now();lost=null;morph(live,next);if(next.dataset.title)document.title=next.dataset.title;tick();
say('live: asks every 10 s',false);
}catch{if(lost===null)lost=clock();say('\\u2715 the bot does not answer since '+lost+'; still trying',true)}
finally{clearTimeout(timer);if(!document.hidden)timer=setTimeout(poll,wait)}};
setInterval(tick,1000);
document.addEventListener('visibilitychange',()=>{if(document.hidden)clearTimeout(timer);else poll()});
document.addEventListener('click',async e=>{const b=e.target.closest('[data-copy]');if(!b)return;
try{await navigator.clipboard.writeText(b.dataset.copy);b.textContent='copied'}
catch{const c=b.parentElement.querySelector('code'),r=document.createRange();r.selectNodeContents(c);const s=getSelection();s.removeAllRanges();s.addRange(r);b.textContent='selected'}});
say('live: asks every 10 s',false);timer=setTimeout(poll,every);
})();`;
